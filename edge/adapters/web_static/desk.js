// What the guard asks of the gate: one request at a time, and who has signed in. The session itself is a cookie that
// no script can read.

import { hereS } from "./feed.js";

// Longer than the gate takes to say that it has no answer.
const GIVE_UP_MS = 25_000;

export class Desk {
  // The id of who has signed in; null: nobody; "": somebody whose name the gate did not tell.
  guard = null;
  busy = false;
  #untilS = 0;
  #changed;

  constructor(changed) {
    this.#changed = changed;
  }

  // Asks the gate who has signed in, after the page was loaded or the gate was found again.
  async find() {
    try {
      const answer = await fetch("desk", { signal: AbortSignal.timeout(GIVE_UP_MS) });
      if (answer.ok) this.#heard(await answer.json());
    } catch {
      // The feed says that the gate is lost, and this is asked again when it is back.
    }
  }

  // Sends a command, answers {ok, code}: what the gate said to it, or "unreachable". With a signal nothing waits for it,
  // and once it is aborted, whatever the gate says is not heard.
  async ask(command, signal = null) {
    this.busy ||= signal === null;
    this.#changed();
    let told = { ok: false, code: "unreachable" };
    try {
      const answer = await fetch("desk", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(command),
        signal: signal ?? AbortSignal.timeout(GIVE_UP_MS),
      });
      told = await answer.json();
      this.#heard(told);
    } catch {
      // No answer, or none of the gate's: nobody knows what became of it.
    }
    if (signal === null) this.busy = false;
    this.#changed();
    return told;
  }

  // A sign-in ends by itself.
  check() {
    if (this.guard !== null && hereS() >= this.#untilS) this.#heard({ guard: null, left_s: 0 });
  }

  #heard({ guard, left_s }) {
    this.guard = guard;
    this.#untilS = hereS() + (left_s ?? 0);
    this.#changed();
  }
}
