// What the page says, in the guard's language. Every word comes from /texts.json; a code without words is shown as it is.

const KEPT = "foregate.language";
let catalogue = {};
let language = "zh";

export async function loadWords() {
  catalogue = await (await fetch("texts.json")).json();
  try {
    if (localStorage.getItem(KEPT) === "en") language = "en";
  } catch {
    // A browser that keeps nothing starts in Chinese each time.
  }
  apply();
}

export function speak(chosen) {
  language = chosen;
  try {
    localStorage.setItem(KEPT, chosen);
  } catch {
    // Then it is forgotten with this page.
  }
  apply();
}

export const spoken = () => language;

// A text of the gate by group and code, e.g. said("reasons", "moving").
export const said = (group, code) => catalogue[group]?.[code]?.[language] ?? code;

export function word(key, values = {}) {
  return said("page", key).replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// The first clause of a text: what is wrong without what to do, short enough for a label.
export const briefly = (text) => text.split(/[，：；,:;]/)[0];

function apply() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = word(element.dataset.text);
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", word(element.dataset.label));
  }
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
}
