// Tables of text.

function cell(name, text, scope) {
  const made = document.createElement(name);
  made.textContent = text;
  if (scope) made.scope = scope;
  return made;
}

function line(...cells) {
  const made = document.createElement("tr");
  made.append(...cells);
  return made;
}

export function table(title, heads, lines) {
  const made = document.createElement("table");
  const [caption, head, body] = ["caption", "thead", "tbody"].map((name) => document.createElement(name));
  caption.textContent = title;
  head.append(line(...heads.map((text) => cell("th", text, "col"))));
  body.append(
    ...lines.map(([first, ...rest]) => line(cell("th", first, "row"), ...rest.map((text) => cell("td", text)))),
  );
  if (!lines.length) {
    const nothing = cell("td", "none");
    nothing.colSpan = heads.length;
    nothing.className = "nothing";
    body.append(line(nothing));
  }
  made.append(caption, head, body);
  return made;
}
