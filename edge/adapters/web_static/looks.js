// Dark or light, and whether the page sounds: chosen here, kept in this browser.

import { $ } from "./page.js";

const THEME = "foregate.theme";
const SOUND = "foregate.sound";
const dark = matchMedia("(prefers-color-scheme: dark)");
// Two notes for each verdict, in Hz, and how long each lasts in s: up, alarm, down, level.
const NOTES = { pass: [[660, 0.12], [880, 0.2]], fever: [[880, 0.18], [440, 0.18], [880, 0.18], [440, 0.3]], refused: [[440, 0.2], [330, 0.35]], not_measured: [[550, 0.12], [550, 0.12]] };
const LOUD = 0.25;
let audio = null;

function kept(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // A browser that keeps nothing starts anew each time.
  }
}

function keep(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Then it is forgotten with this page.
  }
}

function apply() {
  const theme = kept(THEME) ?? (dark.matches ? "dark" : "light");
  document.documentElement.dataset.theme = theme;
  $("#theme").setAttribute("aria-pressed", String(theme === "light"));
  // The technician's pages have none.
  $("#sound")?.setAttribute("aria-pressed", String(audio !== null));
}

export function prepareLooks() {
  $("#theme").addEventListener("click", () => {
    keep(THEME, document.documentElement.dataset.theme === "light" ? "dark" : "light");
    apply();
  });
  // A browser sounds only after somebody touched the page: so a page that was loaded anew asks for it again.
  $("#sound")?.addEventListener("click", () => {
    audio = audio === null ? new AudioContext() : null;
    keep(SOUND, audio === null ? "off" : "on");
    apply();
    if (audio !== null) sound("pass");
  });
  document.addEventListener("pointerdown", () => {
    if (audio === null && kept(SOUND) === "on") audio = new AudioContext();
    apply();
  }, { once: true, capture: true });
  dark.addEventListener("change", apply);
  apply();
}

// The gate has its own buzzer and voice; this is for a tablet that is carried about.
export function sound(kind) {
  const notes = NOTES[kind];
  if (audio === null || !notes) return;
  let at = audio.currentTime;
  for (const [hertz, seconds] of notes) {
    const [tone, volume] = [audio.createOscillator(), audio.createGain()];
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(LOUD, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + seconds);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + seconds);
    at += seconds;
  }
}
