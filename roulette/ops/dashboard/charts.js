// The charts, drawn by uPlot. Each is a figure whose caption says the values now, or where the
// pointer is, and whose name says in words what it shows.

import uPlot from "./uPlot.esm.js";
import * as format from "./format.js";

const CHARTS = [
  {
    title: "Guests",
    series: { guests: "guests", pairs: "pairs", waiting: "waiting" },
    write: format.count,
    whole: true,
  },
  { title: "Messages a second", series: { messages: "messages" }, write: format.rate },
  {
    title: "Wait for a partner, over a minute",
    series: { wait_p50: "half, less than", wait_p90: "nine of ten" },
    write: format.seconds,
  },
  {
    title: "Reactor lag, over a minute",
    series: { lag_p99: "99 of 100, less than" },
    write: format.seconds,
  },
  { title: "Processor", series: { cpu: "in use" }, write: format.percent },
  { title: "Memory", series: { memory: "resident" }, write: format.bytes, binary: true },
  {
    title: "File descriptors",
    series: { descriptors: "open" },
    write: format.count,
    whole: true,
  },
];

const STROKES = [["--first", []], ["--second", [8, 3]], ["--third", [2, 3]]];

const LEAST = 60; // seconds that are shown at least

// Memory is read in powers of two, so its axis is marked so.
const BINARY = Array.from({ length: 24 }, (_, power) => 2 ** (power + 17));

// light-dark() is resolved only where it is used.
function colour(name) {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function options(chart, place, pointed) {
  const [ink, line, edge] = ["--faint", "--line", "--edge"].map(colour);
  const axis = {
    stroke: ink,
    font: "12px system-ui, sans-serif",
    grid: { stroke: line, width: 1 },
    ticks: { stroke: edge, width: 1, size: 4 },
  };
  return {
    ...size(place),
    cursor: { sync: { key: "dashboard" }, drag: { x: false, y: false }, points: { size: 6 } },
    legend: { show: false },
    hooks: { setCursor: [pointed] },
    scales: { y: { range: (_, low, high) => [0, high > 0 ? high * 1.1 : 1] } },
    series: [
      {},
      ...Object.keys(chart.series).map((_, number) => {
        const [name, dash] = STROKES[number];
        return { dash, stroke: colour(name), width: 2, points: { show: false } };
      }),
    ],
    axes: [
      {
        ...axis,
        size: 30,
        space: 60,
        incrs: [60, 120, 300, 600, 900],
        values: (_, marks) => marks.map((at) => format.clock(at).slice(0, 5)),
      },
      {
        ...axis,
        size: 64,
        space: 28,
        values: (_, marks) => marks.map(chart.write),
        ...(chart.whole && { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4] }),
        ...(chart.binary && { incrs: BINARY }),
      },
    ],
  };
}

function size(place) {
  return { width: place.clientWidth, height: place.clientHeight };
}

// Says what a chart shows: what is now, and between which values it was.
function words(chart, columns) {
  const said = Object.entries(chart.series).map(([name, label]) => {
    const values = columns[name].filter((value) => value !== null);
    if (!values.length) return `${label} not known`;
    const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
    const now = chart.write(columns[name].at(-1));
    return `${label} now ${now}, between ${chart.write(low)} and ${chart.write(high)}`;
  });
  return `${chart.title}: ${said.join("; ")}.`;
}

// The title, and the values with the strokes that they are drawn with.
function captioned(chart) {
  const caption = document.createElement("figcaption");
  const title = document.createElement("strong");
  title.textContent = chart.title;
  const values = Object.values(chart.series).map((label, number) => {
    const key = document.createElement("span");
    key.className = `key stroke-${number}`;
    const value = document.createElement("b");
    key.append(`${label} `, value);
    return [key, value];
  });
  const when = document.createElement("time");
  caption.append(title, ...values.map(([key]) => key), when);

  function tell(plot) {
    const [times, ...series] = plot.data;
    const place = plot.cursor.idx ?? times.length - 1;
    when.textContent = plot.cursor.idx == null ? "" : format.clock(times[place]);
    for (const [number, [, value]] of values.entries()) {
      value.textContent = chart.write(series[number][place]);
    }
  }
  return { caption, tell };
}

export function charts(section) {
  const drawn = CHARTS.map((chart) => {
    const figure = document.createElement("figure");
    const { caption, tell } = captioned(chart);
    const place = document.createElement("div");
    place.className = "plot";
    place.role = "img";
    figure.append(caption, place);
    section.append(figure);
    return { chart, place, tell, plot: undefined };
  });
  let last;

  function draw(columns, from) {
    last = [columns, from];
    const end = columns.at.at(-1) ?? from + LEAST;
    const min = Math.min(Math.max(from, columns.at[0] ?? from), end - LEAST);
    for (const each of drawn) {
      const { chart, place, tell } = each;
      const data = [columns.at, ...Object.keys(chart.series).map((name) => columns[name])];
      each.plot ??= new uPlot(options(chart, place, tell), data, place);
      each.plot.setData(data, false);
      each.plot.setScale("x", { min, max: end });
      tell(each.plot);
      place.ariaLabel = words(chart, columns);
    }
  }

  // The colours are in the pictures.
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const each of drawn) {
      each.plot?.destroy();
      each.plot = undefined;
    }
    if (last) draw(...last);
  });
  new ResizeObserver(() => {
    for (const { place, plot } of drawn) plot?.setSize(size(place));
  }).observe(section);
  return draw;
}

export { CHARTS };
