// Keys on the screen, for gloves and for gates without a keyboard; a keyboard writes into the same fields.

import { $, make } from "./page.js";
import { word } from "./words.js";

const DELETE = "⌫";
// In rows of eleven, the last key three wide.
const LETTERS = [..."qwertyuiop", DELETE, ..."asdfghjkl", "-", "_", ..."zxcvbnm", ".", "digits"];
const DIGITS = [..."1234567890"];

// The pad of a form writes into the field that was touched last; each field says by data-pad which keys it wants first.
export class Pad {
  #box;
  #field = null;

  constructor(form) {
    this.#box = $(".pad", form);
    // A key that takes the focus away would take the field's from a keyboard too.
    this.#box.addEventListener("pointerdown", (event) => event.preventDefault());
    this.#box.addEventListener("click", (event) => this.#press(event.target.closest("button")?.dataset.key));
    form.addEventListener("focusin", (event) => {
      if (event.target.dataset?.pad) this.use(event.target);
    });
  }

  use(field) {
    this.#field = field;
    this.#draw(field.dataset.pad);
  }

  // The language has changed.
  relabel() {
    if (this.#field !== null) this.#draw(this.#box.dataset.keys);
  }

  #draw(keys) {
    const may = this.#field.dataset.pad === "letters" || this.#field.dataset.letters !== undefined;
    const more = keys === "decimal" ? ["."] : may ? ["letters"] : [];
    const drawn = keys === "letters" ? LETTERS : [...DIGITS, ...more, DELETE];
    this.#box.dataset.keys = keys;
    this.#box.replaceChildren(...drawn.map((key) => this.#key(key)));
  }

  #key(key) {
    const named = { letters: word("letters"), digits: word("digits") }[key] ?? key;
    const button = make("button", { type: "button", textContent: named, data: { key } });
    if (key === DELETE) button.setAttribute("aria-label", word("delete"));
    return button;
  }

  #press(key) {
    if (!key) return;
    if (key === "letters" || key === "digits") return this.#draw(key);
    const { value, maxLength } = this.#field;
    this.#field.value = key === DELETE ? value.slice(0, -1) : (value + key).slice(0, maxLength);
    this.#field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
