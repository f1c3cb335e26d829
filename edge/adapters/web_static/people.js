// Who came last, how fast they come, and which classes are still to come.

import { $, make, set } from "./page.js";
import { readable } from "./picture.js";
import { briefly, said, spoken, word } from "./words.js";

// Told apart by sign as well as by colour; the same shapes as the large panel's.
const SIGNS = { pass: "✓", fever: "!", refused: "✕", not_measured: "?" };
const MINUTE_S = 60;
const HOUR_S = 3600;

export function showPeople(known) {
  const { state } = known;
  if (!state) return;
  set($("#per-min"), word("per_min", { n: state.per_min }));
  showQueue(state);
  const list = $("#people .last");
  const drawn = JSON.stringify([state.people, state.threshold_c, document.documentElement.lang]);
  if (list.dataset.drawn !== drawn) {
    list.dataset.drawn = drawn;
    const rows = state.people.map((one) => row(one, state.threshold_c));
    list.replaceChildren(...(rows.length ? rows : [make("li", { className: "nobody", textContent: word("nobody_yet") })]));
  }
  const nowMs = wallMs(known);
  state.people.forEach((one, i) => set($(".ago", list.children[i]), ago((nowMs - one.utc_ms) / 1000)));
}

// The gate's wall clock now, by which what it dated is told; the page's own while nothing is known.
export function wallMs({ state, messageAgeS }) {
  return state?.utc_ms == null ? Date.now() : state.utc_ms + 1000 * (Number.isFinite(messageAgeS) ? messageAgeS : 0);
}

// A moment of the gate's wall clock as the time of day where the gate stands, whatever clock and zone this page has.
export function timeOfDay(utcMs, { timezone }, seconds = false) {
  const parts = { hour: "2-digit", minute: "2-digit", ...(seconds && { second: "2-digit" }) };
  const language = spoken() === "zh" ? "zh-CN" : "en-GB";
  return new Date(utcMs).toLocaleTimeString(language, { ...parts, hour12: false, timeZone: timezone ?? undefined });
}

function row(one, threshold_c) {
  const letIn = one.let_in_by !== null;
  const kind = letIn ? "pass" : one.verdict;
  const why = letIn ? word("let_in_done") : one.verdict === "pass" ? null : briefly(said("reasons", one.reason));
  const about = [one.name === null ? null : one.class_name, why].filter(Boolean).join(" · ");
  const reading = readable(one.forehead_c, threshold_c);
  return make(
    "li",
    { data: { kind } },
    make("span", { className: "mini", textContent: SIGNS[kind], ariaHidden: "true" }),
    make("span", { className: "about" },
      make("strong", { textContent: one.name ?? one.class_name ?? said("verdicts", one.verdict) }),
      make("span", { className: "why", textContent: about })),
    make("span", { className: "numbers" },
      make("b", { textContent: reading === null ? "—" : `${reading} °C` }), make("span", { className: "ago" })),
  );
}

function ago(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < MINUTE_S) return s < 2 ? word("just_now") : word("ago", { s });
  return s < HOUR_S ? word("minutes_ago", { m: Math.floor(s / MINUTE_S) }) : word("hours_old", { h: Math.floor(s / HOUR_S) });
}

function showQueue({ queue, asked }) {
  const list = $("#people .queue");
  list.hidden = !asked || queue.length === 0;
  const drawn = JSON.stringify([queue, document.documentElement.lang]);
  if (list.dataset.drawn === drawn) return;
  list.dataset.drawn = drawn;
  list.replaceChildren(...queue.map((one) => make(
    "li",
    { data: { open: one.is_open } },
    make("strong", { textContent: one.class_name }),
    make("span", { textContent: `${clockOf(one.earliest_min)}–${clockOf(one.latest_min)}` }),
    make("b", { textContent: one.is_open
      ? word("still_expected", { n: one.members - one.inside, of: one.members })
      : word("next_class", { of: one.members }) }),
  )));
}

const clockOf = (minutes) => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
