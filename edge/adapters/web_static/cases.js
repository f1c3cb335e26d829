// The open cases: whom each is about, how long it has been open, and buttons for what may be done next.

import { $, $$, make, set } from "./page.js";
import { wallMs } from "./people.js";
import { said, word } from "./words.js";

const OFFERED = ["identified", "contact", "observation", "informed", "released", "closed"];
const DAY_S = 86_400;

export const whoOf = (one) => one.name ?? word("nobody_known");

// What a case is about, in one line.
export function caseLine(one) {
  const why = one.symptom === null ? word("case_fever") : said("symptoms", one.symptom);
  const state = one.state === "observation" ? word("case_observation") : word("case_open");
  const reading = one.contact_c === null ? null : word("contact_was", { c: one.contact_c.toFixed(1) });
  const whom = one.informed.filter(Boolean).join(word("comma"));
  const informed = one.informed.length ? word("informed_were", { whom: whom || word("informed_somebody") }) : null;
  return [why, reading, state, informed].filter(Boolean).join(" · ");
}

// known: {link, state, messageAgeS}; on(case, step) when a button is pressed.
export function showCases({ link, state, messageAgeS }, on) {
  const cases = state?.cases ?? [];
  const list = $("#cases ul");
  const drawn = JSON.stringify([cases, document.documentElement.lang]);
  if (list.dataset.drawn !== drawn) {
    list.dataset.drawn = drawn;
    const focused = document.activeElement?.dataset.step && list.contains(document.activeElement);
    const place = focused ? `[data-case="${document.activeElement.dataset.case}"]` : null;
    list.replaceChildren(...(cases.length ? cases.map((one) => row(one, on)) : [make("li", { textContent: word("no_cases") })]));
    if (place) list.querySelector(place)?.focus();
  }
  for (const button of $$("button", list)) button.disabled = link !== "open";
  $("#cases").hidden = cases.length === 0 && document.body.dataset.panel !== "cases";
  set($("#do-cases b"), String(cases.length));
  $("#do-cases").dataset.due = cases.some((one) => usual(one) === "contact" && one.kind === "fever");
  const nowMs = wallMs({ state, messageAgeS });
  const clocks = cases.map((one) => clock((nowMs - one.opened_utc_ms) / 1000));
  $$(".clock", list).forEach((element, i) => set(element, clocks[i]));
  // The oldest stands first.
  set($("#do-cases .clock"), clocks[0] ?? "");
}

function row(one, on) {
  const buttons = one.next_steps.filter((step) => OFFERED.includes(step)).map((step) => {
    const button = make("button", { type: "button", textContent: said("steps", step), data: { step, case: one.case_id } });
    if (step === usual(one)) button.className = "main";
    button.setAttribute("aria-label", `${said("steps", step)}: ${whoOf(one)}`);
    button.addEventListener("click", () => on(one, step));
    return button;
  });
  return make(
    "li",
    { data: { kind: one.kind, state: one.state, case: one.case_id } },
    make("p", { className: "name" }, make("strong", { textContent: whoOf(one) }), make("span", { className: "clock" })),
    make("p", { className: "about", textContent: caseLine(one) }),
    make("div", { className: "buttons" }, ...buttons),
  );
}

// The step that comes next as a rule: measure, then in by what was read, or aside. Any other may be taken as well.
function usual({ next_steps: may, contact_c, state }) {
  if (contact_c === null && may.includes("contact")) return "contact";
  if (state === "open" && may.includes("released")) return "released";
  return may.includes("observation") ? "observation" : null;
}

// 4:07, 1:04:07, or days.
function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole >= 2 * DAY_S) return word("days", { d: Math.floor(whole / DAY_S) });
  const two = (number) => String(number).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
