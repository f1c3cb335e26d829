// What opens beside the verdict, never over it: the cases and one form at a time.

import { hereS } from "./feed.js";
import { $, $$, make, set } from "./page.js";
import { Pad } from "./pad.js";
import { answered, apply, codes } from "./words.js";

const TOLD_MS = 5000;
// What stands in a button's place a moment later was not meant by the second tap of a double one.
const DEAF_S = 0.8;

export class Panels {
  // The name of what is open, and what it is about.
  open = null;
  about = null;
  #forms = {};
  #opener = null;
  #untold = 0;
  #waiting = null;
  #changed;
  #deafUntilS = 0;

  // Whether the main buttons take no touch for a moment.
  get deaf() {
    return hereS() < this.#deafUntilS;
  }

  // forms: name -> {label(form, about): texts that are made anew in another language, begin(form, about): what it
  // starts with, send(form, about): the command, or a sentence that says what is missing}
  constructor(forms, desk, changed) {
    this.#changed = changed;
    for (const form of $$("form[data-form]")) this.#prepare(form, forms[form.dataset.form], desk, changed);
    for (const button of $$("[data-close]")) button.addEventListener("click", () => this.cancel());
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.open) this.cancel();
    });
  }

  #prepare(form, rules, desk, changed) {
    for (const box of $$("[data-choices]", form)) fill(box);
    this.#forms[form.dataset.form] = { form, rules, pad: $(".pad", form) ? new Pad(form) : null };
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (desk.busy || this.deaf) return;
      const command = rules.send(form, this.about);
      if (typeof command === "string") return this.refuse(command);
      await this.send(desk, command);
      changed();
    });
  }

  // Opens a form, or the cases; after it closes, the focus is where it was.
  show(name, about = {}) {
    if (!this.open) this.#opener = document.activeElement;
    this.tell("");
    this.#hide();
    this.open = name;
    this.about = about;
    document.body.dataset.panel = name;
    if (!this.#forms[name]) {
      this.#changed();
      return $(`#${name} button:not(:disabled)`)?.focus();
    }
    const { form, rules, pad } = this.#forms[name];
    form.reset();
    form.hidden = false;
    this.refuse("");
    rules.label?.(form, about);
    rules.begin?.(form, about);
    const first = $("input[data-pad], input:checked, input, .main", form);
    first.focus();
    if (pad) pad.use($("[data-pad]", form));
  }

  // Another button stands where the last was touched.
  hush() {
    this.#deafUntilS = hereS() + DEAF_S;
  }

  // Nothing is done: back to where it was opened from.
  cancel() {
    const back = this.about?.back;
    this.close();
    back?.();
  }

  close() {
    this.#waiting?.abort();
    this.#hide();
    this.open = this.about = null;
    delete document.body.dataset.panel;
    this.#changed();
    if (this.#opener?.isConnected) this.#opener.focus();
    this.#opener = null;
  }

  // The language has changed.
  relabel() {
    const opened = this.#forms[this.open];
    opened?.rules.label?.(opened.form, this.about);
    opened?.pad?.relabel();
  }

  // Sends what the open form asks for; a refusal is told in the form, which stays open.
  async send(desk, command) {
    const { open, about } = this;
    this.refuse("");
    const answer = await desk.ask(command);
    // Meanwhile the guard may have closed it or gone on to something else.
    const still = about === this.about && this.open !== null;
    if (still && answer.ok) this.#done(about, answer.code);
    else if (still && answer.code === "sign_in_first" && open !== "sign_in") {
      this.show("sign_in", { then: () => this.show(open, about), back: about.back });
      this.refuse(answered(answer.code));
    } else if (still) {
      this.refuse(answered(answer.code));
      about.refused?.(answer.code, () => this.hush());
    } else this.tell(answered(answer.code));
  }

  // Waits for something that may never come, and is forgotten when the form closes or asks for something else.
  async wait(desk, command, meanwhile) {
    const { about } = this;
    this.refuse(meanwhile, "wait");
    this.#waiting = new AbortController();
    const { signal } = this.#waiting;
    const answer = await desk.ask(command, signal);
    if (signal.aborted || about !== this.about) return;
    if (!answer.ok) return this.refuse(answered(answer.code));
    this.#done(about, answer.code);
  }

  #done({ then }, code) {
    this.close();
    then?.();
    if (!this.#forms[this.open]) this.tell(answered(code));
  }

  refuse(text, tone = "bad") {
    this.#waiting?.abort();
    const place = this.#forms[this.open] && $(".refusal", this.#forms[this.open].form);
    if (!place) return;
    place.hidden = !text;
    place.dataset.tone = tone;
    set(place, text);
  }

  // A short word on what became of a request, beside the verdict or in the list of cases; it goes by itself. A form
  // that follows shows by itself that the way to it is free.
  tell(text) {
    const place = $("#answer");
    place.textContent = text;
    place.hidden = !text;
    clearTimeout(this.#untold);
    if (text) this.#untold = setTimeout(() => this.tell(""), TOLD_MS);
  }

  form(name) {
    return this.#forms[name].form;
  }

  #hide() {
    for (const { form } of Object.values(this.#forms)) form.hidden = true;
  }
}

// One large button for each code of a group, of which one can be chosen.
function fill(box) {
  const { choices: group, name } = box.dataset;
  box.replaceChildren(...codes(group).map((value) => make(
    "label", {}, make("input", { type: "radio", name, value }), make("span", { data: { said: `${group}.${value}` } }),
  )));
  apply();
}
