// The large panel: shows what stage.js decides, as large as it fits, and says it once to a screen reader.

import { hereS } from "./feed.js";
import { $, make, set } from "./page.js";
import { exactly } from "./picture.js";
import { word } from "./words.js";

const SAME_VERDICT_S = 0.3;
// Twice the standard uncertainty covers 95 % (GUM, 6.3.3).
const COVERAGE_FACTOR = 2;
const LONGEST_LINE_EMS = 8;
const SMALLEST_FIT = 0.6;
const ruler = document.createElement("canvas").getContext("2d");
let spokenVerdictAtS = null;

// sounded(kind): told once of each verdict.
export function showStage(scene, known, sounded) {
  const section = $("#verdict");
  section.dataset.kind = scene.kind;
  $("#verdict use").setAttribute("href", `#sign-${scene.sign}`);
  set($("#verdict .word"), scene.word);
  set($("#verdict .todo"), scene.todo);
  const isVerdict = scene.forehead !== undefined;
  $("#verdict .who").hidden = !scene.who;
  set($("#verdict .who"), scene.who ?? "");
  showOthers(scene.others ?? []);
  $("#verdict .readings").hidden = !isVerdict;
  if (isVerdict) showReadings(scene, known);
  const { word: large, todo, forehead, who, others } = scene;
  const shown = [large, todo, forehead, who, others, section.clientWidth, section.clientHeight].join("|");
  if (section.dataset.shown !== shown) {
    section.dataset.shown = shown;
    measureWord(section, large);
    fit(section);
  }
  announce(scene, isVerdict ? hereS() - known.verdictAgeS : null, sounded);
}

// Each in one piece, so that a line breaks between two of them.
function showOthers(others) {
  const line = $("#verdict .others");
  line.hidden = others.length === 0;
  if (line.dataset.said === others.join("|")) return;
  line.dataset.said = others.join("|");
  line.replaceChildren(...others.map((text) => make("span", { textContent: text })));
}

function showReadings({ forehead }, { state, verdictAgeS, holdS }) {
  set($("#verdict .forehead dd"), forehead === null ? "—" : `${forehead} °C`);
  set($("#verdict .alarm dd"), exactly(state.threshold_c));
  const { u_c } = state.last;
  $("#verdict .uncertainty").hidden = u_c === null;
  if (u_c !== null) set($("#verdict .uncertainty dd"), `± ${(COVERAGE_FACTOR * u_c).toFixed(1)} °C`);
  set($("#verdict .age"), verdictAgeS < 1 ? word("just_now") : word("ago", { s: Math.floor(verdictAgeS) }));
  $("#verdict .remaining i").style.width = `${100 * Math.max(0, 1 - verdictAgeS / holdS)}%`;
}

// How many ems wide the large word is; a long one is set in two lines.
function measureWord(section, text) {
  ruler.font = `900 100px ${getComputedStyle(section).fontFamily}`;
  const wide = (part) => ruler.measureText(part).width / 100;
  const parts = text.split(" ");
  const lines = wide(text) > LONGEST_LINE_EMS && parts.length > 1 ? 2 : 1;
  const breaks = parts.map((_, i) => Math.max(wide(parts.slice(0, i).join(" ")), wide(parts.slice(i).join(" "))));
  section.style.setProperty("--lines", lines);
  section.style.setProperty("--ems", lines === 1 ? wide(text) : Math.min(...breaks));
}

// Makes the panel's texts as much smaller as they need to be read whole.
function fit(section) {
  const panel = section.firstElementChild;
  for (let scale = 1; scale >= SMALLEST_FIT; scale -= 0.05) {
    section.style.setProperty("--fit", scale);
    if (panel.scrollHeight <= panel.clientHeight && panel.scrollWidth <= panel.clientWidth) return;
  }
}

// Screen readers hear each verdict once, and each other change of the panel that asks for something.
function announce(scene, decidedAtS, sounded) {
  const reading = scene.forehead && `${scene.forehead} °C`;
  // A countdown is read out once, not with every second.
  const sentence = scene.spoken ?? [scene.word, scene.who, reading, scene.todo, ...(scene.others ?? [])].filter(Boolean).join(" · ");
  const again = decidedAtS !== null && Math.abs(decidedAtS - (spokenVerdictAtS ?? -1)) > SAME_VERDICT_S;
  if (decidedAtS !== null) spokenVerdictAtS = again ? decidedAtS : spokenVerdictAtS;
  if (again) {
    $("#say").textContent = "";
    sounded(scene.kind);
  }
  set($("#say"), sentence);
}
