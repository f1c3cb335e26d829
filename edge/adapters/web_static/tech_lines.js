// Lamps, buzzer, relay and inputs, tried one by one. What the technician saw is noted on this page alone.

import { $, make, set } from "./page.js";
import { outcome, tell } from "./tech_desk.js";

export class LinesPage {
  #desk;
  #answer;
  #noted = {};
  #last = Promise.resolve();

  constructor(desk, answer) {
    this.#desk = desk;
    this.#answer = answer;
  }

  enter() {
    this.#rows("#outputs", this.#desk.state.outputs, "try");
    this.#rows("#inputs", this.#desk.state.inputs, "listen");
    if (this.#desk.state.inputs.length === 0) $("#inputs").append(make("li", { textContent: tell("no_inputs") }));
  }

  speak() {
    if (this.#desk.state !== null) this.enter();
  }

  #rows(list, names, act) {
    $(list).replaceChildren(...names.map((name) => {
      const button = (key, done) => {
        const made = make("button", { type: "button", textContent: tell(key), data: { act: key } });
        made.setAttribute("aria-label", `${tell(`line_${name}`)}: ${tell(key)}`);
        made.addEventListener("click", done);
        return made;
      };
      return make("li", { data: { line: name } },
        make("strong", { textContent: tell(`line_${name}`) }),
        make("span", { className: "state" }),
        make("div", { className: "buttons" },
          button(act, () => this.#inTurn(act, name)),
          button("works", () => this.#note(name, "works")),
          button("fails", () => this.#note(name, "fails"))));
    }));
  }

  #note(name, result) {
    this.#noted[name] = result;
    this.show(this.#desk.state);
  }

  // One after the other: each takes the ticket that the one before has left.
  #inTurn(act, name) {
    this.#last = this.#last.then(() => this.#act(act, name));
  }

  async #act(act, name) {
    delete this.#noted[name];
    const told = act === "try"
      ? await this.#desk.ask("try_output", { name, ticket: this.#desk.state.ticket })
      : await this.#desk.ask("listen", { name });
    if (!told.ok || act === "try") this.#answer(`${tell(`line_${name}`)}: ${outcome(told)}`);
  }

  show(state) {
    const off = state.maintenance === null;
    if (off) this.#noted = {};
    for (const name of [...state.outputs, ...state.inputs]) {
      const row = $(`#lines [data-line=${name}]`);
      if (row === null) continue;
      for (const button of row.querySelectorAll("button")) button.disabled = off;
      row.dataset.noted = this.#noted[name] ?? "";
      set($(".state", row), this.#state(name, state));
    }
  }

  #state(name, { listens, heard }) {
    if (name in this.#noted) return tell(`result_${this.#noted[name]}`);
    if (listens !== name) return tell("untried");
    const last = heard.filter((one) => one.name === name).at(-1);
    if (last === undefined) return tell("listening");
    return tell(last.active ? "heard_on" : "heard_off");
  }
}
