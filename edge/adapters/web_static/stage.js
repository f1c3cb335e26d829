// What the large panel says: a rule of what is known, without page, clock or socket.

import { readable } from "./picture.js";
import { briefly, said, word } from "./words.js";

export const FRESH_S = 0.5;
// Without any word from the gate's loop for so long, not even its status holds any more.
const STATUS_S = 1;
// With these the gate stays shut, whatever the verdict is.
const SHUT = ["store", "gate_io"];

// known: {link, state, faces, messageAgeS, frameAgeS, verdictAgeS, holdS}; faces are those of the newest frame that
// could be read, frameAgeS is its age. Answers {kind, sign, word, todo, forehead?}.
export function stage(known) {
  if (known.link !== "open") return plain(known.link, known.link === "connecting" ? "wait" : "stop");
  if (!known.state) return plain("connecting", "wait");
  return verdict(known) ?? obstacle(known) ?? person(known.faces) ?? plain("ready", "ready");
}

function plain(kind, sign, todo = word(`${kind}_todo`)) {
  return { kind, sign, word: word(kind), todo };
}

function verdict({ state, verdictAgeS, holdS }) {
  const last = state.last;
  if (!last || verdictAgeS > holdS) return null;
  if (last.verdict === "pass" && state.faults.some((code) => SHUT.includes(code))) return null;
  return {
    kind: last.verdict,
    sign: last.verdict,
    word: said("verdicts", last.verdict),
    todo: said("reasons", last.reason),
    forehead: readable(last.forehead_c, state.threshold_c),
  };
}

function obstacle({ state, messageAgeS, frameAgeS }) {
  if (messageAgeS > STATUS_S) return plain("frozen", "stop");
  if (state.status === "shutter") return plain("wait", "wait", waiting(state));
  if (frameAgeS > FRESH_S) return plain("frozen", "stop");
  if (state.faults.length > 0) return plain("stop", "stop");
  if (state.status === "settling") return plain("wait", "wait", waiting(state));
  if (state.status === "no_reference") return plain("stop", "stop", said("statuses", state.status));
  return null;
}

const waiting = (state) => `${briefly(said("statuses", state.status))} · ${word("wait_todo")}`;

// The nearest face is the person at the gate.
function person(faces) {
  const area = ({ box: [x0, y0, x1, y1] }) => (x1 - x0) * (y1 - y0);
  const [face] = [...faces].sort((one, other) => area(other) - area(one));
  if (!face) return null;
  if (!face.why_not) return plain("measuring", "ready");
  return { kind: "adjust", sign: "ready", word: word("adjust"), todo: said("reasons", face.why_not) };
}
