// What stands around the verdict: camera and reference, alerts and faults, the day's counts, roster and crowd.

import { $, $$, make, set } from "./page.js";
import { exactly, readable } from "./picture.js";
import { FRESH_S } from "./stage.js";
import { briefly, said, spoken, word } from "./words.js";

// With these there is no picture of now.
export const UNSEEING = ["no_camera", "stale", "invalid"];
const HOURS_TOLD = 48;
const CHANGES_TOLD = 6;

export function showStatus(known) {
  showLights(known);
  const { state } = known;
  const now = known.link === "open" && state ? state : { alerts: [], faults: [] };
  showList("#alerts", now.alerts.map((code) => said("events", code)));
  showList("#faults", now.faults.map((code) => said("faults", code)));
  showList("#notices", now.notice ? [notice(now.notice)] : []);
  if (state) showCounts(state);
}

// What the county will change, before it does.
function notice({ version, left_s, changes }) {
  const rules = { hard: word("rule_hard"), override: word("rule_override"), off: word("rule_off") };
  const named = (value) => rules[value] ?? value;
  const told = changes.slice(0, CHANGES_TOLD).map((one) => `${one[spoken()]} ${named(one.before)} → ${named(one.after)}`);
  if (changes.length > CHANGES_TOLD) told.push(word("notice_more", { n: changes.length - CHANGES_TOLD }));
  const when = left_s > 0 ? word("notice_in", { m: Math.ceil(left_s / 60) }) : word("notice_due");
  return word("notice", { version, when, changes: told.join(word("comma")) || word("notice_same") });
}

function showLights({ link, state, messageAgeS, frameAgeS }) {
  const blind = link !== "open" || !state || messageAgeS > 2 * FRESH_S;
  if (blind) {
    for (const id of ["#camera", "#reference"]) light(id, "unknown", word("unknown"));
    return;
  }
  const { status, reference_c, threshold_c } = state;
  const old = frameAgeS > FRESH_S;
  const named = briefly(said("statuses", status));
  if (["shutter", "settling"].includes(status)) light("#camera", "wait", named);
  else if (old) light("#camera", "bad", UNSEEING.includes(status) ? named : word("frozen"));
  else light("#camera", "good", word("running"));
  if (old) light("#reference", "unknown", word("unknown"));
  else if (reference_c === null || status === "no_reference") light("#reference", "bad", word("unusable"));
  else light("#reference", "good", `${readable(reference_c, threshold_c)} °C`);
}

function light(id, level, text) {
  $(id).dataset.level = level;
  set($(`${id} .value`), text);
}

function showList(id, texts) {
  const list = $(id);
  if (list.dataset.said === texts.join("\n")) return;
  list.dataset.said = texts.join("\n");
  list.hidden = texts.length === 0;
  list.replaceChildren(...texts.map((text) => make("li", { textContent: text })));
}

function showCounts(state) {
  set($("#gate"), state.gate_name || state.gate_id);
  for (const name of ["passed", "fever", "refused", "not_measured", "inside"]) set($(`#${name}`), String(state[name]));
  for (const name of ["written", "waiting", "set_aside"]) set($(`#${name}`), String(state.records[name]));
  $("#set_aside").parentElement.dataset.kind = state.records.set_aside > 0 ? "warn" : "";
  for (const element of $$(".asked")) element.hidden = !state.asked;
  set($("#pace"), String(state.per_min));
  set($("#alarm"), `${exactly(state.threshold_c)} °C`);
  set($("#crowd"), state.crowd_c === null ? "–" : `${state.crowd_c.toFixed(1)} °C`);
  set($("#roster"), roster(state));
  $("#roster").parentElement.dataset.kind = state.faults.some((code) => code.startsWith("roster_")) ? "warn" : "";
}

function roster({ roster: list }) {
  if (!list) return "–";
  const { version, people, age_h } = list;
  const is = word("roster_is", { version, people });
  if (age_h === null) return is;
  const h = Math.floor(age_h);
  return `${is} · ${h < HOURS_TOLD ? word("hours_old", { h }) : word("days_old", { d: Math.floor(h / 24) })}`;
}
