// What the large panel says: a rule of what is known, without page, clock or socket.

import { readable } from "./picture.js";
import { briefly, further, said, standing, word } from "./words.js";

export const FRESH_S = 0.5;
// After a shutter event the camera settles for some seconds; what takes longer is its warm-up.
const SETTLING_S = 120;
// Without any word from the gate's loop for so long, not even its status holds any more.
const STATUS_S = 1;
// With these the gate stays shut, whatever the verdict is.
const SHUT = ["store", "gate_io"];
// With these nobody can be let in by the gate itself; the others are listed above and stop nothing.
const HALTING = [...SHUT, "camera", "reference", "roster_none", "maintenance"];
// What comes before any verdict.
const URGENT = ["fire_on", "forced", "tailgate"];

// known: {link, state, faces, messageAgeS, frameAgeS, verdictAgeS, holdS}; faces are those of the newest frame that
// could be read, frameAgeS is its age. Answers {kind, sign, word, todo}, and for a verdict {who, others, forehead} too.
export function stage(known) {
  if (known.link !== "open") return plain(known.link, { connecting: "wait", sign_in: "badge" }[known.link] ?? "stop");
  if (!known.state) return plain("connecting", "wait");
  return urgent(known) ?? verdict(known) ?? obstacle(known) ?? asked(known) ?? person(known.faces) ?? plain("ready", "ready");
}

function plain(kind, sign, todo = word(`${kind}_todo`)) {
  return { kind, sign, word: word(kind), todo };
}

function urgent({ state, messageAgeS }) {
  const code = state.alerts.find((alert) => URGENT.includes(alert));
  if (!code || messageAgeS > STATUS_S) return null;
  const text = said("events", code);
  return { kind: "alert", sign: "stop", word: briefly(text), todo: further(text) };
}

function verdict({ state, verdictAgeS, holdS }) {
  const last = state.last;
  if (!last || verdictAgeS > holdS) return null;
  const opens = last.verdict === "pass" || last.let_in_by !== null;
  if (opens && state.faults.some((code) => SHUT.includes(code))) return null;
  const [gravest, ...others] = last.reasons;
  const about = {
    who: [last.name, last.class_name].filter(Boolean).join(" · "),
    others: others.map((code) => briefly(said("reasons", code))),
    forehead: readable(last.forehead_c, state.threshold_c),
  };
  if (last.let_in_by !== null) {
    const todo = word("let_in_by", { guard: last.let_in_by });
    return { ...about, kind: "pass", sign: "pass", word: word("let_in_done"), todo, others: [] };
  }
  const { verdict: kind } = last;
  return { ...about, kind, sign: kind, word: said("verdicts", kind), todo: next(state, last) ?? said("reasons", gravest) };
}

// What is left to do with somebody whose case has gone on since the verdict.
function next({ cases }, { passage_uuid, verdict, refusal }) {
  const mine = cases.find((one) => one.passage_uuid !== null && one.passage_uuid === passage_uuid);
  if (mine?.state === "observation") return word("case_observation_todo");
  if (mine?.contact_c != null) {
    const c = mine.contact_c.toFixed(1);
    return mine.next_steps.includes("released") ? word("case_measured_todo", { c }) : word("case_feverish_todo", { c });
  }
  // A fever that a guard may let in was released.
  return !mine && verdict === "fever" && refusal === null ? word("case_released_todo") : null;
}

function obstacle({ state, messageAgeS, frameAgeS }) {
  if (messageAgeS > STATUS_S) return plain("frozen", "stop");
  const coldS = state.warm_up_s === null ? 0 : state.warm_up_s - messageAgeS;
  if (coldS > SETTLING_S) return counting("warm_up", coldS);
  if (state.status === "shutter") return counting("wait", coldS, waiting(state));
  if (frameAgeS > FRESH_S) return plain("frozen", "stop");
  if (state.faults.some((code) => HALTING.includes(code))) return plain("stop", "stop");
  if (state.status === "settling") return counting("wait", coldS, waiting(state));
  if (state.status === "no_reference") return plain("stop", "stop", standing(state));
  return null;
}

// How long it still takes is shown, but not read out with every second.
function counting(kind, leftS, todo = word(`${kind}_todo`)) {
  const [m, s] = [Math.floor(Math.ceil(leftS) / 60), Math.ceil(leftS) % 60];
  const left = leftS > 0 ? ` ${m}:${String(s).padStart(2, "0")}` : "";
  return { ...plain(kind, "wait", todo), word: `${word(kind)}${left}`, spoken: `${word(kind)} · ${todo}` };
}

const waiting = (state) => `${briefly(said("statuses", state.status))} · ${word("wait_todo")}`;

// What whoever stands there is asked to do; what keeps the camera from measuring them comes with it.
function asked({ state, faces }) {
  if (!state.ask) return null;
  const text = said("asks", state.ask);
  const hindered = nearest(faces)?.why_not;
  const todo = further(text) || (hindered ? said("reasons", hindered) : word("badge_todo"));
  const sign = state.ask === "present_badge" ? "badge" : "stop";
  return { kind: "ask", sign, word: briefly(text), todo };
}

// The nearest face is the person at the gate.
function nearest(faces) {
  const area = ({ box: [x0, y0, x1, y1] }) => (x1 - x0) * (y1 - y0);
  return [...faces].sort((one, other) => area(other) - area(one))[0];
}

function person(faces) {
  const face = nearest(faces);
  if (!face) return null;
  if (!face.why_not) return plain("measuring", "ready");
  return { kind: "adjust", sign: "ready", word: word("adjust"), todo: said("reasons", face.why_not) };
}
