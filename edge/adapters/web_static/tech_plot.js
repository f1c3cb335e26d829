// Two kinds of charts as SVG: a histogram for each hour, and values over days with their spread.

import { make } from "./page.js";
import { shape } from "./tech_live.js";

const WIDE = 640;
const LEFT = 52;
const RIGHT = 14;
const LINE = 18;
const HOUR = 46;
const HIGH = 200;
const MOST_LABELS = 7;

const text = (x, y, words, name, anchor = "end") => {
  const element = shape("text", { x, y, "text-anchor": anchor }, name);
  element.textContent = words;
  return element;
};

function figure(high, label, parts) {
  const svg = shape("svg", { viewBox: `0 0 ${WIDE} ${high}`, role: "img", "aria-label": label }, "plot");
  svg.append(...parts);
  return svg;
}

// hours: [{hour, count, median_c, counts}]; each hour is a row of bars over the same degrees.
export function histograms(hours, { low_c, high_c, width_k }, threshold_c, label, alarm) {
  const bins = hours[0].counts.length;
  const at = (c) => LEFT + (c - low_c) / (high_c - low_c) * (WIDE - LEFT - RIGHT);
  const bar = at(low_c + width_k) - at(low_c);
  const parts = [];
  const end = hours.length * HOUR + LINE;
  for (let c = low_c; c <= high_c; c++) {
    parts.push(shape("path", { d: `M${at(c)} ${LINE}V${end}` }, "grid"), text(at(c), end + LINE, `${c}`, "label", "middle"));
  }
  hours.forEach(({ hour, counts, median_c }, row) => {
    const base = LINE + (row + 1) * HOUR - 4;
    const most = Math.max(...counts);
    parts.push(text(LEFT - 8, base - 6, `${String(hour).padStart(2, "0")}:00`, "label"));
    parts.push(shape("path", { d: `M${LEFT} ${base}H${WIDE - RIGHT}` }, "axis"));
    for (let i = 0; i < bins; i++) {
      if (counts[i] === 0) continue;
      const tall = Math.max(2, counts[i] / most * (HOUR - 10));
      const hot = low_c + i * width_k >= threshold_c;
      parts.push(shape("rect", { x: at(low_c + i * width_k) + 0.5, y: base - tall, width: bar - 1, height: tall }, hot ? "bar hot" : "bar"));
    }
    parts.push(shape("path", { d: `M${at(median_c)} ${base + 3}l-4 7h8z` }, "median"));
  });
  parts.push(shape("path", { d: `M${at(threshold_c)} ${LINE - 4}V${end}` }, "alarm"), text(at(threshold_c), LINE - 6, alarm, "label", "middle"));
  return figure(end + LINE + 8, label, parts);
}

// points: [{day, value, spread?}], the oldest first; a mark for each day, a bar where the value has a spread.
export function overDays(points, label, digits) {
  const days = points.map(({ day }) => Date.parse(day) / 86_400_000);
  const [first, last] = [days[0], Math.max(days[0] + 1, days.at(-1))];
  const ends = points.flatMap(({ value, spread = 0 }) => [value - spread, value + spread]);
  const middle = (Math.min(...ends) + Math.max(...ends)) / 2;
  const half = Math.max((Math.max(...ends) - Math.min(...ends)) / 2 * 1.1, 0.05);
  const x = (day) => LEFT + 6 + (day - first) / (last - first) * (WIDE - LEFT - RIGHT - 12);
  const y = (value) => LINE + (middle + half - value) / (2 * half) * (HIGH - 2 * LINE);
  const parts = [];
  for (const share of [-1, -0.5, 0, 0.5, 1]) {
    const value = middle + share * half;
    parts.push(shape("path", { d: `M${LEFT} ${y(value)}H${WIDE - RIGHT}` }, "grid"), text(LEFT - 6, y(value) + 4, value.toFixed(digits), "label"));
  }
  const every = Math.max(1, Math.ceil(points.length / MOST_LABELS));
  points.forEach(({ day, value, spread }, i) => {
    if (i % every === 0) parts.push(text(x(days[i]), HIGH, day.slice(5), "label", i === 0 ? "start" : "middle"));
    if (spread) parts.push(shape("path", { d: `M${x(days[i])} ${y(value - spread)}V${y(value + spread)}` }, "spread"));
  });
  parts.push(shape("polyline", { points: points.map(({ value }, i) => `${x(days[i])},${y(value)}`).join(" ") }, "trend"));
  parts.push(...points.map(({ value }, i) => shape("circle", { cx: x(days[i]), cy: y(value), r: 4 }, "mark")));
  return figure(HIGH + 8, label, parts);
}

export const card = (title, ...parts) => make("div", { className: "card" }, make("h3", { textContent: title }), ...parts);
