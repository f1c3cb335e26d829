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

// What a frame is worth; where it is for the reference that nothing is measured, why.
export const standing = ({ status, reference_state }) =>
  status === "no_reference" && codes("references").includes(reference_state)
    ? said("references", reference_state)
    : said("statuses", status);

// The codes of one group, in the catalogue's order.
export const codes = (group) => Object.keys(catalogue[group] ?? {});

export function word(key, values = {}) {
  return said("page", key).replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// The first clause of a text: what is wrong without what to do, short enough for a label; and what follows it.
const CLAUSE = /[，：；,:;]\s*/;
export const briefly = (text) => text.split(CLAUSE)[0];
export const further = (text) => text.slice(briefly(text).length).replace(CLAUSE, "");

// What the gate answered to a request; a page that got no answer says so in words of its own.
export const answered = (code) => (code === "unreachable" ? word("unreachable") : said("answers", code));

// For elements that are made by a script, and other pages than the guard's: data-said="group.code", data-said-label.
export function apply() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = word("title");
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = word(element.dataset.text);
  for (const element of document.querySelectorAll("[data-said]")) {
    element.textContent = said(...element.dataset.said.split("."));
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", word(element.dataset.label));
  }
  for (const element of document.querySelectorAll("[data-said-label]")) {
    element.setAttribute("aria-label", said(...element.dataset.saidLabel.split(".")));
  }
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
}
