// Settings: changed in a form, checked by the gate's own rules, shown as a difference, saved, and taken back.

import { $, $$, make, set } from "./page.js";
import { both, outcome, tell } from "./tech_desk.js";

export class SettingsPage {
  #desk;
  #answer;
  #told = null;
  #changes = {}; // key -> what was typed; what nobody has changed is not in it
  #proposed = {};
  #restores = null; // the version that the difference is for; null: it is for the form's changes

  constructor(desk, answer) {
    this.#desk = desk;
    this.#answer = answer;
    $("#settings_form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#check();
    });
    $("#settings_form").addEventListener("input", ({ target }) => this.#typed(target));
    $("#settings_drop").addEventListener("click", () => this.#drop());
    $("#settings_save").addEventListener("click", () => this.#save());
    $("#settings_cancel").addEventListener("click", () => this.#differ(null));
  }

  // A value from another page, to be looked at and saved here.
  propose(key, value) {
    this.#proposed = { [key]: value };
  }

  async enter() {
    const told = await this.#desk.ask("settings");
    if (!told.ok) return this.#answer(outcome(told));
    this.#told = told;
    this.#changes = { ...this.#changes, ...this.#proposed };
    const [key] = Object.keys(this.#proposed);
    this.#proposed = {};
    this.speak();
    if (key !== undefined) this.#field(key).focus();
  }

  leave() {
    this.#differ(null);
  }

  speak() {
    if (this.#told === null) return;
    const sections = Map.groupBy(this.#told.settings, (one) => one.key.split(".")[0]);
    $("#settings .groups").replaceChildren(...[...sections].map(([section, settings]) => make("fieldset", { className: "card" },
      make("legend", { textContent: tell(`section_${section}`) }), ...settings.map((one) => this.#row(one)))));
    this.#versions();
    this.#differ(null);
  }

  #field(key) {
    return $(`#settings [name="${key}"]`);
  }

  #row(one) {
    const id = one.key.replace(".", "_");
    const shown = typed(one.given ? one.value : null);
    const fallback = tell("settings_default", { value: typed(one.given ? one.default : one.value) || tell("nothing") });
    const input = one.choices.length > 0
      ? make("select", { id, name: one.key }, ...["", ...one.choices].map((value) => make("option", { value, textContent: value || fallback })))
      : make("input", { id, name: one.key, inputMode: one.kind === "number" || one.kind === "whole" ? "decimal" : "text", placeholder: fallback, autocomplete: "off", maxLength: 2000 });
    input.value = this.#changes[one.key] ?? shown;
    input.dataset.was = shown;
    input.disabled = one.pinned !== null;
    input.setAttribute("aria-describedby", `${id}_said`);
    const said = one.pinned === null ? one.key : `${one.key} · ${tell("settings_by", { who: both(one.pinned) })}`;
    const row = make("div", { className: "setting" },
      make("label", { htmlFor: id, textContent: tell(`set_${id}`) }), input,
      make("span", { className: "key", textContent: said }),
      make("span", { id: `${id}_said`, className: "refusal" }));
    row.classList.toggle("changed", one.key in this.#changes);
    return row;
  }

  #typed(target) {
    if (target.value === target.dataset.was) delete this.#changes[target.name];
    else this.#changes[target.name] = target.value;
    target.closest(".setting").classList.toggle("changed", target.name in this.#changes);
    target.removeAttribute("aria-invalid");
    set($(`#${target.id}_said`), "");
    this.#differ(null);
  }

  #drop() {
    this.#changes = {};
    this.speak();
  }

  async #check() {
    for (const field of $$("#settings [aria-invalid]")) {
      field.removeAttribute("aria-invalid");
      set($(`#${field.id}_said`), "");
    }
    const told = await this.#desk.ask("settings_check", { changes: this.#changes });
    this.#restores = null;
    this.#judged(told);
  }

  // Problems at their fields, or the difference.
  #judged(told) {
    if (told.problems === undefined) return this.#answer(outcome(told));
    const elsewhere = [];
    for (const { key, text } of told.problems) {
      const field = key === "" ? null : this.#field(key);
      if (field === null) elsewhere.push(`${key} ${both(text)}`);
      else {
        field.setAttribute("aria-invalid", "true");
        set($(`#${field.id}_said`), both(text));
      }
    }
    if (elsewhere.length > 0) this.#answer(elsewhere.join("; "));
    $("#settings [aria-invalid]")?.focus();
    if (told.ok && told.diff.length === 0) this.#answer(tell("settings_same"));
    this.#differ(told.ok && told.diff.length > 0 ? told.diff : null);
  }

  #differ(lines) {
    $("#settings_diff").hidden = lines === null;
    if (lines === null) return;
    const kinds = { "+": "added", "-": "taken", "@": "place" };
    $("#settings_diff pre").replaceChildren(...lines.map((line) => make("span", { className: kinds[line[0]] ?? "same", textContent: `${line}\n` })));
    $("#settings_diff").focus();
    $("#settings_diff").scrollIntoView({ block: "nearest" });
  }

  async #save() {
    const { base } = this.#told;
    const told = this.#restores === null
      ? await this.#desk.ask("settings_save", { changes: this.#changes, base })
      : await this.#desk.ask("settings_restore", { version: this.#restores, base });
    if (!told.ok) return this.#judged(told);
    this.#changes = {};
    this.#answer(tell("settings_saved"));
    await this.enter();
    await this.#desk.ask("state");
  }

  #versions() {
    const { versions } = this.#told;
    if (versions.length === 0) {
      $("#versions").replaceChildren(make("li", { textContent: tell("versions_none") }));
      return;
    }
    $("#versions").replaceChildren(...versions.map(({ id, at, by }) => {
      const button = make("button", { type: "button", textContent: tell("version_look") });
      button.addEventListener("click", () => this.#former(id));
      return make("li", {}, make("span", { className: "state", textContent: tell("version_by", { at: at.replace("T", " ").slice(0, 16), who: by }) }), button);
    }));
  }

  async #former(id) {
    const told = await this.#desk.ask("settings_former", { version: id });
    this.#restores = id;
    this.#judged(told);
  }
}

// A value as it is typed here: text without quotes, everything else as TOML has it.
function typed(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  return toml(value);
}

function toml(value) {
  if (Array.isArray(value)) return `[${value.map(toml).join(", ")}]`;
  if (value !== null && typeof value === "object") return `{${Object.entries(value).map(([key, inner]) => `${key} = ${toml(inner)}`).join(", ")}}`;
  return JSON.stringify(value);
}
