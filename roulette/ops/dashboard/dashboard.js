// The live dashboard: asks for the numbers every two seconds, and shows them.

import { CHARTS, charts } from "./charts.js";
import * as format from "./format.js";
import { table } from "./table.js";

const EVERY = 2000;
const KEPT = 3600;
const MINUTE = 60;

const COUNTS = [
  ["Waiting", "insists on", "roulette_guests_waiting", { current: true }],
  ["Chats ended", "reason", "roulette_chats_ended_total", { all: true }],
  ["Closed by the server", "reason", "roulette_connections_closed_total"],
  ["Requests refused", "reason", "roulette_requests_refused_total"],
  ["Limits hit", "limit", "roulette_limits_hit_total"],
  ["Frames refused", "code", "roulette_frames_refused_total"],
  ["Logged", "level", "roulette_log_events_total"],
];

const at = (id) => document.getElementById(id);
const draw = charts(at("charts"));
const span = () => Number(document.querySelector("[name=span]:checked").value);

let rows = [];
let names = [];
let seen = []; // [time, metrics] of the last minute, for what is counted
let started;

function column(from) {
  const shown = rows.filter((row) => row[0] >= from);
  return Object.fromEntries(names.map((name, place) => [name, shown.map((row) => row[place])]));
}

function note({ metrics, history }) {
  if (started !== metrics.process_start_time_seconds) {
    // Another process: what was counted begins anew.
    started = metrics.process_start_time_seconds;
    seen = [];
  }
  names = history.columns;
  rows.push(...history.rows);
  const now = rows.at(-1)?.[0] ?? started;
  rows = rows.filter((row) => row[0] > now - KEPT);
  seen.push([performance.now() / 1000, metrics]);
  while (seen.length > 1 && seen[0][0] < seen.at(-1)[0] - MINUTE) seen.shift();
  return now;
}

function troubles(metrics, phase, latest) {
  const found = [];
  if (phase !== "open") found.push(["warn", "Nobody new is let in: the service is about to stop."]);
  const { roulette_guests: guests, roulette_guests_max: most } = metrics;
  if (most && guests >= most) found.push(["bad", "Full: whoever comes is turned away."]);
  else if (most && guests > 0.9 * most) found.push(["warn", "Nearly full."]);
  const { process_open_fds: open, process_max_fds: files } = metrics;
  if (files && open > 0.95 * files) found.push(["bad", "Nearly out of file descriptors."]);
  if (latest.lag_p99 > 0.25) found.push(["bad", `The reactor is late: ${format.seconds(latest.lag_p99)}.`]);
  else if (latest.cpu > 0.9) found.push(["warn", "Busy: nearly a whole processor is in use."]);
  const failures = metrics.roulette_log_events_total.critical;
  const lately = failures - seen[0][1].roulette_log_events_total.critical;
  if (lately) found.push(["bad", `Failures of the service in the last minute: ${lately}. They are in the log.`]);
  return found.length ? found : [["good", "Nothing needs a look."]];
}

function list(element, items) {
  const made = items.map(([grave, text]) => {
    const item = document.createElement("li");
    item.dataset.grave = grave;
    item.textContent = text;
    return item;
  });
  // Said aloud only when it changes.
  if (element.textContent !== made.map((item) => item.textContent).join("")) {
    element.replaceChildren(...made);
  }
}

function tiles(metrics, latest) {
  const all = metrics.roulette_guests_waiting;
  const shown = [
    ["Guests", format.count(metrics.roulette_guests), `of ${format.count(metrics.roulette_guests_max)}`],
    ["Pairs", format.count(metrics.roulette_pairs), ""],
    [
      "Waiting",
      format.count(Object.values(all).reduce((sum, each) => sum + each, 0)),
      all.parked ? `${format.count(all.parked)} of them away` : "",
    ],
    ["Messages", format.rate(latest.messages), "a second"],
    ["Median wait", format.seconds(latest.wait_p50), "over a minute"],
    ["Reactor lag", format.seconds(latest.lag_p99), "99 of 100 less"],
    ["Memory", format.bytes(metrics.process_resident_memory_bytes), ""],
    ["Descriptors", format.count(metrics.process_open_fds), `of ${format.count(metrics.process_max_fds)}`],
  ];
  at("tiles").replaceChildren(
    ...shown.map(([term, value, more]) => {
      const tile = document.createElement("div");
      const [name, number, note] = ["dt", "dd", "dd"].map((each) => document.createElement(each));
      [name.textContent, number.textContent, note.textContent] = [term, value, more];
      note.className = "more";
      tile.append(name, number, note);
      return tile;
    }),
  );
}

function counts(metrics) {
  const [[began, before], [now]] = [seen[0], seen.at(-1)];
  const lately = now - began < MINUTE - 4 ? `last ${Math.round(now - began)} s` : "last minute";
  at("tables").replaceChildren(
    ...COUNTS.map(([title, label, name, { current = false, all = false } = {}]) => {
      const heads = current ? [label, "now"] : [label, lately, "since start"];
      const lines = Object.entries(metrics[name])
        .filter(([, total]) => current || all || total)
        .map(([key, total]) => {
          const numbers = current ? [total] : [total - before[name][key], total];
          return [key.replaceAll("_", " "), ...numbers.map(format.count)];
        });
      const section = document.createElement("section");
      section.append(table(title, heads, lines));
      return section;
    }),
  );
}

function numbers() {
  if (!at("numbers").open) return;
  const shown = CHARTS.flatMap(({ series, title, write }) =>
    Object.entries(series).map(([name, label]) => [names.indexOf(name), `${title}: ${label}`, write]),
  );
  const minutes = rows.filter((_, place) => (rows.length - 1 - place) % 30 === 0).reverse();
  const lines = minutes.map((row) => [
    format.clock(row[0]),
    ...shown.map(([place, , write]) => write(row[place])),
  ]);
  const heads = ["at", ...shown.map(([, head]) => head)];
  at("numbers").lastElementChild.replaceChildren(table("Once a minute", heads, lines));
}

function show(stats) {
  const now = note(stats);
  const { metrics } = stats;
  const latest = Object.fromEntries(names.map((name, place) => [name, rows.at(-1)?.[place] ?? null]));
  const phase = Object.keys(metrics.roulette_phase).find((name) => metrics.roulette_phase[name]);
  state(phase, phase);
  const [version] = Object.keys(metrics.roulette_build_info);
  at("about").textContent = `up ${format.duration(now - started)} · version ${version}`;
  const guests = metrics.roulette_guests;
  document.title = `${format.count(guests)} ${guests === 1 ? "guest" : "guests"} · roulette`;
  list(at("troubles"), troubles(metrics, phase, latest));
  tiles(metrics, latest);
  counts(metrics);
  draw(column(now - span()), now - span());
  numbers();
}

function state(phase, text) {
  at("phase").dataset.phase = phase;
  at("phase").textContent = text;
  document.body.toggleAttribute("data-stale", phase === "silent");
}

let answered = performance.now();

async function poll() {
  if (!document.hidden) {
    try {
      const since = rows.at(-1)?.[0] ?? 0;
      const answer = await fetch(`stats.json?since=${since}`, { signal: AbortSignal.timeout(10_000) });
      if (!answer.ok) throw new Error(answer.statusText);
      const stats = await answer.json();
      answered = performance.now();
      show(stats);
    } catch (error) {
      console.warn(error.message);
      state("silent", "no answer");
      const silent = format.duration((performance.now() - answered) / 1000);
      list(at("troubles"), [["bad", `The service has not answered for ${silent}. What is below is old.`]]);
    }
  }
  setTimeout(poll, EVERY);
}

at("span").addEventListener("change", () => {
  const now = rows.at(-1)?.[0];
  if (now) draw(column(now - span()), now - span());
});
at("numbers").addEventListener("toggle", numbers);
poll();
