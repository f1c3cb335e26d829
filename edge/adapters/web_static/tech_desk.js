// What the technician's pages ask of the gate, and what they were told last. The session is a cookie that no script reads.

import { said, spoken } from "./words.js";

const GIVE_UP_MS = 75_000;
const FORBIDDEN = 403;

// A word of these pages, with {values} put in.
export const tell = (key, values = {}) => said("tech", key).replace(/\{(\w+)\}/g, (_, name) => values[name]);

// A text that the gate has sent in both languages.
export const both = (text) => (text === null || text === undefined ? "" : text[spoken()] ?? "");

// What became of a request, in words.
export function outcome(told) {
  if (told.zh !== undefined) return both(told);
  const own = tell(`code_${told.code}`);
  return own === `code_${told.code}` ? said("answers", told.code) : own;
}

export const fixed = (value, digits) => (value === null || value === undefined ? "–" : value.toFixed(digits));

export const signed = (value, digits) => (value === null || value === undefined ? "–" : (value < 0 ? "−" : "+") + Math.abs(value).toFixed(digits));

export class TechDesk {
  // state: the last answer that told of the gate's state; null: not signed in, or none came yet. here: false, when the
  // gate says that this page was not opened at its own machine.
  state = null;
  here = true;
  lost = false;
  #changed;

  constructor(changed) {
    this.#changed = changed;
  }

  // Answers what the gate said to a command, {ok, code, …}; `unreachable` when it said nothing.
  async ask(command, fields = {}) {
    let told = { ok: false, code: "unreachable" };
    let status = 0;
    try {
      const answer = await fetch("tech/ask", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ do: command, ...fields }),
        signal: AbortSignal.timeout(GIVE_UP_MS),
      });
      status = answer.status;
      told = await answer.json();
    } catch {
      // No answer, or none of the gate's own.
    }
    this.here = !(status === FORBIDDEN && told.code === "unreachable");
    this.lost = status === 0;
    if (told.code === "sign_in_first" || told.code === "signed_out") this.state = null;
    if (told.ticket !== undefined) this.state = { ...this.state, ...told };
    this.#changed();
    return told;
  }
}
