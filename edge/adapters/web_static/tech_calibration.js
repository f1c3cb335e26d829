// The whole calibration procedure: what it asks for now, where the source belongs, what it has read, what came of it.

import { $, make, set } from "./page.js";
import { both, fixed, outcome, signed, tell } from "./tech_desk.js";
import { LivePicture, outlined } from "./tech_live.js";

const EVERY_MS = 500;
const OUTPUTS = ["red", "amber", "green", "buzzer", "relay"];
// What each button types: an empty line is Enter at a terminal.
const TYPED = { cal_yes: "y", cal_no: "n", cal_accept: "", cal_reject: "n" };

export class CalibrationPage {
  #desk;
  #answer;
  #live;
  #view = null;
  #asked = null; // the code of the prompt that the form is for
  #entered = false;

  constructor(desk, answer) {
    this.#desk = desk;
    this.#answer = answer;
    this.#live = new LivePicture($("#cal_look .stage"), () => desk.state ?? {}, (look) => this.#overlay(look));
    $("#cal_go_on").addEventListener("click", () => this.#start(false));
    $("#cal_start").addEventListener("click", () => this.#start(true));
    $("#cal_stop").addEventListener("click", async () => this.#heard(await desk.ask("calibration_stop")));
    $("#cal_form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#type($("#cal_form").answer.value);
    });
  }

  enter() {
    this.#entered = true;
    this.#poll();
  }

  leave() {
    this.#entered = false;
    this.#live.stop();
    this.#view = null;
  }

  speak() {
    this.#asked = null;
    if (this.#view !== null) this.#heard(this.#view);
  }

  async #poll() {
    if (!this.#entered) return;
    this.#heard(await this.#desk.ask("calibration"));
    setTimeout(() => this.#poll(), EVERY_MS);
  }

  async #start(again) {
    const told = await this.#desk.ask("calibration_start", { again, valid_days: Number($("#cal_days").value) });
    if (!told.ok) this.#answer(outcome(told));
    else this.#heard(told);
  }

  async #type(text) {
    const told = await this.#desk.ask("calibration_type", { code: this.#view.prompt.code, text });
    if (!told.ok) this.#answer(outcome(told));
    this.#asked = null;
    $("#cal_form").answer.value = "";
  }

  #heard(view) {
    if (!this.#entered || view.running === undefined) return;
    const began = view.running && this.#view?.running !== true;
    this.#view = view;
    if (began) this.#live.start();
    if (!view.running) this.#live.stop();
    const { running, prompt } = view;
    $("#cal_begin").hidden = running;
    $("#cal_go_on").hidden = !view.unfinished;
    $("#cal_start").classList.toggle("main", !view.unfinished);
    set($("#cal_start"), tell(view.unfinished ? "cal_again" : "cal_start"));
    $("#cal_now").hidden = !running && !prompt && !view.error;
    $("#cal_stop").hidden = !running;
    $("#cal_look").hidden = !running;
    $("#cal_steps").hidden = !view.stages;
    this.#prompt(view);
    this.#steps(view);
    this.#notes(view.notes ?? []);
    this.#points(view.points ?? []);
    this.#result(view);
  }

  #prompt({ running, prompt, progress, error }) {
    set($("#cal_text"), error ? both(error) : both(prompt?.text));
    const asks = running && ["type", "confirm", "line"].includes(prompt?.kind);
    $("#cal_form").hidden = !asks;
    $("#cal_wait").hidden = !(running && prompt?.kind === "wait");
    if (progress) {
      $("#cal_wait progress").value = Math.min(1, progress.read_s / progress.needed_s);
      set($("#cal_wait span"), tell("cal_settled", {
        s: Math.round(progress.read_s), needed: progress.needed_s, c: fixed(progress.seen_c, 2), slope: signed(progress.slope_k_per_min, 3),
      }));
    } else {
      $("#cal_wait progress").removeAttribute("value");
      set($("#cal_wait span"), "");
    }
    $("#cal_form").dataset.code = asks ? prompt.code : "";
    if (!asks) this.#asked = null;
    else if (this.#asked !== prompt.code) this.#form(prompt);
    if (prompt?.line) this.#lineHeard(prompt.line);
  }

  #form(prompt) {
    this.#asked = prompt.code;
    const { answer } = $("#cal_form");
    const types = prompt.kind === "type" || prompt.code === "reference";
    $("#cal_field").hidden = !types;
    answer.type = prompt.date ? "date" : "text";
    answer.inputMode = prompt.number ? "decimal" : "text";
    answer.placeholder = [prompt.default ?? "", prompt.unit ?? ""].join(" ").trim();
    answer.value = "";
    const button = (key, done) => {
      const made = make("button", { type: done ? "button" : "submit", textContent: tell(key), data: { key } });
      if (done) made.addEventListener("click", done);
      return made;
    };
    const typed = (key) => button(key, () => this.#type(TYPED[key]));
    let buttons = [button("cal_ok")];
    if (prompt.code === "acceptance") buttons = [typed("cal_accept"), typed("cal_reject")];
    else if (prompt.line) buttons = [this.#tryButton(prompt.line, button), typed("cal_yes"), typed("cal_no")];
    buttons[0].classList.add("main");
    $("#cal_form .buttons").replaceChildren(...buttons);
    (types ? answer : buttons[0]).focus({ preventScroll: true });
  }

  #tryButton(line, button) {
    const output = OUTPUTS.includes(line);
    return button(output ? "try" : "listen", async () => {
      const told = output
        ? await this.#desk.ask("try_output", { name: line, ticket: this.#desk.state.ticket })
        : await this.#desk.ask("listen", { name: line });
      this.#answer(told.ok && !output ? tell("listening") : outcome(told));
    });
  }

  #lineHeard(line) {
    const { listens, heard } = this.#view;
    if (listens !== line) return;
    const last = heard.filter((one) => one.name === line).at(-1);
    if (last !== undefined) this.#answer(tell(last.active ? "heard_on" : "heard_off"));
  }

  #steps({ stages = [], stage }) {
    const at = stages.findIndex((one) => one.code === stage);
    $("#cal_steps ol").replaceChildren(...stages.map((one, i) => {
      const item = make("li", { textContent: both(one.name), data: { is: i < at ? "done" : i === at ? "now" : "ahead" } });
      if (i === at) item.setAttribute("aria-current", "step");
      return item;
    }));
  }

  #notes(notes) {
    $("#cal_notes").hidden = notes.length === 0;
    const said = notes.map((one) => both(one.text)).join("\n");
    if ($("#cal_notes ul").dataset.said === said) return;
    $("#cal_notes ul").dataset.said = said;
    $("#cal_notes ul").replaceChildren(...notes.toReversed().map((one) => make("li", { textContent: both(one.text), data: { refused: one.refused } })));
  }

  #points(points) {
    $("#cal_points").hidden = points.length === 0;
    const rows = points.map((one) => [tell(`points_${one.name}`), fixed(one.true_c, 2), fixed(one.seen_c, 2), fixed(one.spread_k, 3)]);
    $("#cal_points .wide").replaceChildren(table(["cal_point", "cal_true", "cal_seen", "cal_spread"], rows));
  }

  #result({ result, profile_id: id, prompt }) {
    $("#cal_result").hidden = !result;
    if (!result) return;
    const verdict = (passed) => tell(passed === null ? "cal_unknown" : passed ? "cal_passed" : "cal_failed");
    const rows = result.items.map((one) => [both(one.name), fixed(one.value_k, 3), fixed(one.limit_k, 2), verdict(one.passed)]);
    const parts = [
      make("p", { className: "verdict", data: { passed: result.passed }, textContent: verdict(result.passed) }),
      make("p", { textContent: both(result.words) }),
      make("p", { textContent: tell("cal_gain", { gain: fixed(result.gain, 4), offset: signed(result.offset_k, 3) }) }),
      table(["cal_item", "cal_value", "cal_limit", "cal_result"], rows),
    ];
    if (id && prompt.kind === "over") {
      parts.push(make("p", { textContent: tell("cal_in_force", { id }) }), make("p", { className: "buttons" },
        make("a", { href: "tech/file/certificate.pdf", download: "", textContent: tell("certificate_pdf") }),
        make("a", { href: "tech/file/certificate.html", download: "", textContent: tell("certificate_html") })));
    }
    const body = $("#cal_result .body");
    const made = make("div", {}, ...parts);
    if (body.firstElementChild?.isEqualNode(made)) return;
    body.replaceChildren(made);
  }

  #overlay(look) {
    const { target, source } = this.#view ?? {};
    const circle = (at, name) => outlined("circle", { cx: at.x * look.columns, cy: at.y * look.rows, r: at.r * look.columns }, name);
    $("#cal_look svg.over").replaceChildren(...(target ? circle(target, "target") : []), ...(source ? circle(source, "source") : []));
  }
}

// A table of texts; heads are words of these pages.
export function table(heads, rows) {
  return make("table", {},
    make("thead", {}, make("tr", {}, ...heads.map((key) => make("th", { scope: "col", textContent: tell(key) })))),
    make("tbody", {}, ...rows.map((cells) => make("tr", {}, ...cells.map((text) => make("td", { textContent: text }))))));
}
