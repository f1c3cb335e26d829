// How the gate itself is, each thing with what to do about it; and the day that a guard signs off.

import { $, make, set } from "./page.js";
import { timeOfDay } from "./people.js";
import { said, spoken, word } from "./words.js";

const LEVELS = ["bad", "wait", "unknown", "good"];
const SOON_DAYS = 30;
const LITTLE_MB = 2000;
const SCANTY_MB = 500;
// The sync tells the county how the gate is once a minute.
const SILENT_S = 180;
const MINUTE_S = 60;
const HOUR_S = 3600;

// Each: {id, level: good, wait, bad or unknown, value, remedy}.
function rows({ state, link, messageAgeS }) {
  const { condition: now, faults, records } = state;
  const blind = link !== "open" || messageAgeS > 1;
  const broken = (code) => faults.includes(code);
  const found = [
    fault("camera", broken("camera") ? "camera" : null, word("running")),
    fault("reference", broken("reference") ? "reference" : null, word("running")),
    calibration(now, faults),
    fault("clock", now.clock_ok ? null : "clock", word("clock_set")),
    disk(now, broken("store")),
    fault("gate_io", broken("gate_io") ? "gate_io" : null, word("running")),
    county(now, records),
    check(now, state),
  ];
  // What is wrong stands first: on a small screen the rest is scrolled to.
  found.sort((one, other) => LEVELS.indexOf(one.level) - LEVELS.indexOf(other.level));
  return blind ? found.map(({ id }) => ({ id, level: "unknown", value: word("unknown"), remedy: "" })) : found;
}

function fault(id, code, value) {
  if (code === null) return { id, level: "good", value, remedy: "" };
  const text = said("faults", code);
  return { id, level: "bad", value: text, remedy: "" };
}

function calibration({ calibrated, calibration_days: days }, faults) {
  const id = "calibration";
  if (faults.includes(id)) return fault(id, id);
  if (faults.includes("calibration_expired")) return fault(id, "calibration_expired");
  if (!calibrated) return { id, level: "wait", value: word("uncalibrated"), remedy: word("uncalibrated_todo") };
  if (days === null) return { id, level: "good", value: word("calibrated"), remedy: "" };
  const level = days < SOON_DAYS ? "wait" : "good";
  return { id, level, value: word("days_left", { d: days }), remedy: level === "good" ? "" : word("calibrate_soon") };
}

// The check at opening: what it found is in the technician's pages.
function check({ checked_utc_ms: at, check_wrong: wrong, clock_ok: dated }, state) {
  const id = "check";
  if (!dated) return { id, level: "unknown", value: word("unknown"), remedy: "" };
  if (at === null) return { id, level: "wait", value: word("not_checked"), remedy: word("not_checked_todo") };
  const time = timeOfDay(at, state);
  if (wrong === 0) return { id, level: "good", value: word("ready_at", { time }), remedy: "" };
  return { id, level: "bad", value: word("not_ready_at", { time, n: wrong }), remedy: word("not_ready_todo") };
}

function disk({ disk_free_mb: free }, failing) {
  const id = "disk";
  if (failing) return fault(id, "store");
  if (free === null) return { id, level: "unknown", value: word("unknown"), remedy: "" };
  const value = word("free_gb", { gb: (free / 1000).toFixed(1) });
  if (free < SCANTY_MB) return { ...fault(id, "disk"), remedy: value };
  return { id, level: free < LITTLE_MB ? "wait" : "good", value, remedy: free < LITTLE_MB ? word("disk_soon") : "" };
}

function county({ has_county, county_age_s: age, county_zh: zh, county_en: en }, { waiting, set_aside }) {
  const id = "county";
  const left = [
    waiting > 0 ? word("records_waiting", { n: waiting }) : word("all_sent"),
    set_aside > 0 ? word("records_refused", { n: set_aside }) : "",
  ].filter(Boolean).join(word("comma"));
  if (!has_county) return { id, level: "wait", value: word("no_county"), remedy: word("no_county_todo") };
  const heard = age === null ? word("never_heard") : word("heard", { age: span(age) });
  const trouble = spoken() === "zh" ? zh : en;
  if (trouble !== null) return { id, level: "bad", value: trouble, remedy: `${heard}${word("comma")}${left}` };
  const silent = age === null || age > SILENT_S;
  return { id, level: silent || set_aside > 0 ? "wait" : "good", value: `${heard}${word("comma")}${left}`, remedy: silent ? word("county_todo") : "" };
}

function span(seconds) {
  if (seconds < MINUTE_S) return word("seconds", { n: Math.floor(seconds) });
  if (seconds < HOUR_S) return word("minutes", { n: Math.floor(seconds / MINUTE_S) });
  return word("hours", { n: Math.floor(seconds / HOUR_S) });
}

export function showState(known) {
  if (!known.state) return;
  const found = rows(known);
  const list = $("#state .parts");
  const drawn = JSON.stringify([found, document.documentElement.lang]);
  if (list.dataset.drawn !== drawn) {
    list.dataset.drawn = drawn;
    list.replaceChildren(...found.map(({ id, level, value, remedy }) => make(
      "li",
      { data: { level, part: id } },
      make("span", { className: "dot", ariaHidden: "true" }),
      make("span", { className: "what", textContent: word(`part_${id}`) }),
      make("span", { className: "value", textContent: value }),
      make("span", { className: "remedy", textContent: remedy }),
    )));
  }
  const worst = LEVELS.find((level) => found.some((one) => one.level === level));
  $("#do-state").dataset.level = worst;
  set($("#do-state .unseen"), worst === "good" ? "" : word("look"));
  showDay(known);
}

// The day's numbers, and whether they were signed for.
function showDay(known) {
  const { state } = known;
  const signed = state.signed_off;
  const since = signed === null ? null : people(state) - signed.people;
  const text = signed === null ? word("not_signed")
    : since > 0 ? word("signed_since", { by: signed.by, time: timeOfDay(signed.utc_ms, state), n: since })
    : word("signed", { by: signed.by, time: timeOfDay(signed.utc_ms, state), n: signed.people });
  set($("#state .signed"), text);
  $("#state .signed").dataset.level = signed !== null && since === 0 ? "good" : "wait";
  $("#do-sign_day").disabled = known.link !== "open" || (signed !== null && since === 0);
}

export const people = (state) => state.passed + state.fever + state.refused + state.not_measured;

// What a guard signs for, in the order in which they are asked about it.
export function dayLines(state) {
  return [
    ["day_people", people(state)], ["passed", state.passed], ["fever", state.fever], ["refused", state.refused],
    ["not_measured", state.not_measured], ["day_let_in", state.let_in], ["day_cases", state.cases_opened],
    ["day_open", state.cases.length], ["waiting", state.records.waiting],
  ];
}
