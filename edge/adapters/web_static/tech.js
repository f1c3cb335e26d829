// The technician's pages: sign-in, what they all show, and which of them is open.

import { prepareLooks } from "./looks.js";
import { $, $$, make, set } from "./page.js";
import { CalibrationPage } from "./tech_calibration.js";
import { ChartsPage } from "./tech_charts.js";
import { CheckPage } from "./tech_check.js";
import { outcome, tell, TechDesk } from "./tech_desk.js";
import { LinesPage } from "./tech_lines.js";
import { PicturePage } from "./tech_picture.js";
import { SettingsPage } from "./tech_settings.js";
import { loadWords, speak } from "./words.js";

const EVERY_MS = 1000;
const SAID_FOR_MS = 8000;
const desk = new TechDesk(show);
let pages = null;
let open = null;
let answeredAt = 0;

// One line of what has just happened, for a while.
export function answer(text) {
  set($("#answer"), text);
  answeredAt = performance.now();
}

function goTo(name) {
  if (!(name in pages) || name === open) return;
  if (open !== null) pages[open].leave?.();
  open = name;
  for (const key of Object.keys(pages)) $(`#${key}`).hidden = key !== name;
  for (const link of $$("nav a")) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  set($("#answer"), "");
  if (location.hash !== `#${name}`) history.replaceState(null, "", `#${name}`);
  pages[name].enter?.();
  pages[name].show?.(desk.state);
}

function show() {
  const { state, lost, here } = desk;
  $("#trouble").hidden = here && !lost;
  set($("#trouble"), here ? tell("lost") : tell("here_only"));
  $("#door").hidden = state !== null || !here;
  $("#desk").hidden = state === null;
  $("#sign_out").hidden = state === null;
  set($("#who"), state?.who ?? "");
  set($("#gate"), state?.gate ?? "");
  document.title = `${tell("title")} ${state?.gate ?? ""}`;
  if (state === null) {
    if (open !== null) pages[open].leave?.();
    open = null;
    return;
  }
  const working = state.maintenance !== null;
  document.body.dataset.at = working ? "maintenance" : "work";
  set($("#mode b"), working ? `${tell("maintenance_on")} (${state.maintenance})` : tell("maintenance_off"));
  set($("#maintenance"), tell(working ? "maintenance_end" : "maintenance_begin"));
  $("#restart").hidden = !state.restart_needed;
  $("#restart button").hidden = !state.can_restart;
  $("#restart .by-hand").hidden = state.can_restart;
  if (open === null) goTo(location.hash.slice(1) in pages ? location.hash.slice(1) : "picture");
  pages[open].show?.(state);
}

async function poll() {
  if (desk.state !== null || desk.lost) await desk.ask("state");
  if (answeredAt > 0 && performance.now() - answeredAt > SAID_FOR_MS) {
    answeredAt = 0;
    set($("#answer"), "");
  }
  setTimeout(poll, EVERY_MS);
}

function listen() {
  $("#sign_in").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const told = await desk.ask("sign_in", { who: form.who.value.trim(), pin: form.pin.value });
    form.pin.value = "";
    set($("#sign_in .refusal"), told.ok ? "" : outcome(told));
    if (!told.ok) return form.pin.focus();
    await desk.ask("state");
    $("nav a[aria-current]")?.focus({ preventScroll: true });
  });
  $("#sign_out").addEventListener("click", () => desk.ask("sign_out"));
  $("#maintenance").addEventListener("click", () => desk.ask("maintenance", { on: desk.state.maintenance === null }));
  $("#restart button").addEventListener("click", async () => {
    answer(outcome(await desk.ask("restart", { ticket: desk.state.ticket })));
  });
  window.addEventListener("hashchange", () => desk.state !== null && goTo(location.hash.slice(1)));
  for (const button of $$("[data-language]")) {
    button.addEventListener("click", () => {
      speak(button.dataset.language);
      for (const page of Object.values(pages)) page.speak?.();
      show();
    });
  }
}

async function begin() {
  await loadWords();
  prepareLooks();
  const settings = new SettingsPage(desk, answer);
  pages = {
    picture: new PicturePage(desk, answer, (key, value) => {
      goTo("settings");
      settings.propose(key, value);
    }),
    lines: new LinesPage(desk, answer),
    calibration: new CalibrationPage(desk, answer),
    charts: new ChartsPage(desk, answer),
    settings,
    check: new CheckPage(desk, answer),
  };
  $("nav").append(...Object.keys(pages).map((name) => make("a", { href: `#${name}`, data: { said: `tech.${name}` }, textContent: tell(name) })));
  listen();
  await desk.ask("state");
  poll();
}

begin();
