// Self-check, log, downloads, and a clip of what the camera sees.

import { $, make, set } from "./page.js";
import { both, fixed, outcome, tell } from "./tech_desk.js";

const EVERY_MS = 2000;

export class CheckPage {
  #desk;
  #answer;
  #entered = false;
  #findings = null;
  #checking = false;

  constructor(desk, answer) {
    this.#desk = desk;
    this.#answer = answer;
    $("#doctor_run").addEventListener("click", () => this.#examine());
    $("#clip").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#record();
    });
    $("#clip_forget").addEventListener("click", async () => this.#clip(await desk.ask("clip_forget")));
  }

  enter() {
    this.#entered = true;
    this.#poll();
  }

  leave() {
    this.#entered = false;
  }

  speak() {
    this.#found();
  }

  async #poll() {
    if (!this.#entered) return;
    const [told, clip] = [await this.#desk.ask("log"), await this.#desk.ask("clip")];
    if (told.ok) this.#log(told.lines);
    if (clip.ok) this.#clip(clip);
    setTimeout(() => this.#poll(), EVERY_MS);
  }

  #log(lines) {
    const log = $("#log");
    const atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 4;
    const clock = (at) => new Date(at * 1000).toLocaleTimeString("sv-SE");
    set(log, lines.map(({ at, line }) => `${clock(at)}  ${line}`).join("\n"));
    if (atEnd) log.scrollTop = log.scrollHeight;
  }

  async #examine() {
    if (this.#checking) return;
    this.#checking = true;
    this.#findings = null;
    this.#found();
    const told = await this.#desk.ask("doctor");
    this.#checking = false;
    if (told.ok) this.#findings = told.findings;
    else this.#answer(outcome(told));
    this.#found();
  }

  #found() {
    const found = this.#findings ?? [];
    $("#doctor_run").disabled = this.#checking;
    set($("#doctor_state"), this.#checking ? tell("doctor_running") : "");
    const levels = { ok: "good", warning: "wait", wrong: "bad" };
    // What is wrong stands first.
    const order = ["wrong", "warning", "ok"];
    const sorted = found.toSorted((one, other) => order.indexOf(one.level) - order.indexOf(other.level));
    $("#doctor").replaceChildren(...sorted.map((one) => make("li", { data: { level: levels[one.level] ?? "wait" } },
      make("strong", { textContent: one.name }), make("b", { textContent: tell(`level_${one.level}`) }),
      make("span", { className: "state", textContent: both(one) }))));
  }

  async #record() {
    const form = $("#clip");
    const told = await this.#desk.ask("clip_begin", { seconds: form.seconds.valueAsNumber, agreed: form.agreed.checked });
    if (!told.ok) this.#answer(outcome(told));
    else this.#clip(told);
    form.agreed.checked = false;
  }

  #clip({ recording, frames, seconds, bytes, error }) {
    $("#clip .main").disabled = recording;
    $("#clip_fetch").hidden = $("#clip_forget").hidden = bytes === null;
    const state = $("#clip .state");
    if (recording) set(state, tell("clip_running", { frames: frames ?? 0, s: fixed(seconds ?? 0, 1) }));
    else if (error) set(state, both(error));
    else if (bytes !== null) set(state, tell("clip_done", { frames: frames ?? "?", mb: fixed(bytes / 1e6, 1) }));
    else set(state, "");
  }
}
