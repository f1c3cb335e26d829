// The guard's page: joins the feed, the picture and the words. Nothing here knows the time of day but the sentence
// that tells since when there is no picture; every age is measured with the steady clock.

import { Feed, hereS } from "./feed.js";
import { drawFaces, drawPicture, drawScale, readable } from "./picture.js";
import { FRESH_S, stage } from "./stage.js";
import { briefly, loadWords, said, speak, spoken, word } from "./words.js";

const TICK_MS = 100;
const RETRY_MS = 1000;
const SAME_VERDICT_S = 0.3;
// Twice the standard uncertainty covers 95 % (GUM, 6.3.3).
const COVERAGE_FACTOR = 2;
const UNSEEING = ["no_camera", "stale", "invalid"];
const $ = (selector) => document.querySelector(selector);

const feed = new Feed({ frame: received, link: show });
let latest = null; // the newest message, whatever it holds
let frameAtS = null; // when its camera frame was new, on the gate's clock
let faces = []; // those of this frame
let drawn = null; // the size of its picture, which is on the canvas, and the alarm told beside it
let spokenVerdictAtS = null;

function received(message) {
  const { state, picture, published_s } = message;
  const before = latest?.state;
  const isNew = !before || before.frame_seq !== state.frame_seq || before.t_s !== state.t_s;
  latest = message;
  if (isNew && !UNSEEING.includes(state.status)) {
    frameAtS = published_s;
    faces = state.faces;
    if (picture) paint(picture, state);
    else drawn = null;
  }
  show();
}

function paint(picture, state) {
  const { rows, columns } = picture;
  if (drawn?.rows !== rows || drawn?.columns !== columns) {
    $("#picture").style.setProperty("--ratio", columns / rows);
  }
  if (drawn?.threshold_c !== state.threshold_c) {
    drawScale($("#scale"), $("#ticks"), picture, state.threshold_c);
  }
  drawPicture($("#thermal"), picture);
  drawn = { rows, columns, threshold_c: state.threshold_c };
}

function show() {
  const state = latest?.state ?? null;
  const nowS = feed.link === "open" ? feed.gateNowS() : Infinity;
  const known = {
    link: feed.link,
    state,
    faces,
    messageAgeS: latest ? nowS - latest.published_s : Infinity,
    frameAgeS: frameAtS === null ? Infinity : nowS - frameAtS,
    // The gate may take the time of a frame, decide, and name the verdict a moment younger than nothing.
    verdictAgeS: state?.last ? Math.max(0, nowS - latest.published_s + state.last.age_s) : Infinity,
    holdS: feed.holdS,
  };
  document.body.dataset.link = feed.link;
  showStage(stage(known), known);
  showPicture(known);
  showLights(known);
  showFaults(known);
  if (state) showCounts(state);
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const ruler = document.createElement("canvas").getContext("2d");
const LONGEST_LINE_EMS = 8;
const SMALLEST_FIT = 0.6;

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

function showStage(scene, { state, verdictAgeS, holdS }) {
  const section = $("#verdict");
  section.dataset.kind = scene.kind;
  $("#verdict use").setAttribute("href", `#sign-${scene.sign}`);
  set($("#verdict .word"), scene.word);
  set($("#verdict .todo"), scene.todo);
  const isVerdict = scene.forehead !== undefined;
  $("#verdict .readings").hidden = !isVerdict;
  if (isVerdict) {
    set($("#verdict .forehead dd"), scene.forehead === null ? "—" : `${scene.forehead} °C`);
    set($("#verdict .alarm dd"), state.threshold_c.toFixed(1));
    const { u_c } = state.last;
    $("#verdict .uncertainty").hidden = u_c === null;
    if (u_c !== null) set($("#verdict .uncertainty dd"), `± ${(COVERAGE_FACTOR * u_c).toFixed(1)} °C`);
    set($("#verdict .age dd"), verdictAgeS < 1 ? word("just_now") : word("ago", { s: Math.floor(verdictAgeS) }));
    $("#verdict .remaining i").style.width = `${100 * Math.max(0, 1 - verdictAgeS / holdS)}%`;
  }
  const shown = [scene.word, scene.todo, scene.forehead, section.clientWidth, section.clientHeight].join("|");
  if (section.dataset.shown !== shown) {
    section.dataset.shown = shown;
    measureWord(section, scene.word);
    fit(section);
  }
  announce(scene, isVerdict ? hereS() - verdictAgeS : null);
}

// Screen readers hear each verdict once, and each other change of the panel that asks for something.
function announce(scene, decidedAtS) {
  const sentence = [scene.word, scene.forehead && `${scene.forehead} °C`, scene.todo].filter(Boolean).join(" · ");
  const again = decidedAtS !== null && Math.abs(decidedAtS - (spokenVerdictAtS ?? -1)) > SAME_VERDICT_S;
  if (decidedAtS !== null) spokenVerdictAtS = again ? decidedAtS : spokenVerdictAtS;
  if (again) $("#say").textContent = "";
  set($("#say"), sentence);
}

function showPicture({ link, state, frameAgeS }) {
  const section = $("#picture");
  const fresh = link === "open" && frameAgeS <= FRESH_S;
  section.dataset.picture = !fresh ? "old" : drawn ? "live" : "none";
  section.dataset.status = state?.status ?? "";
  if (fresh && drawn) drawFaces($("#boxes"), $("#labels"), drawn, faces);
  else for (const id of ["#boxes", "#labels"]) $(id).replaceChildren();
  const mark = fresh && drawn && state.status !== "ok";
  $("#mark").hidden = !mark;
  if (mark) set($("#mark"), briefly(said("statuses", state.status)));
  $("#veil").hidden = fresh && drawn !== null;
  const [headline, detail] = veil(fresh);
  set($("#veil strong"), headline);
  set($("#veil span"), detail);
}

function veil(fresh) {
  if (frameAtS === null) return [word("no_picture_yet"), ""];
  if (fresh) return [word("no_temperatures"), ""];
  const ageS = feed.gateNowS() - frameAtS;
  const since = new Date(Date.now() - 1000 * ageS);
  const time = since.toLocaleTimeString(spoken() === "zh" ? "zh-CN" : "en-GB", { hour12: false });
  return [word("no_picture_since", { time }), word("for_seconds", { s: Math.floor(ageS) })];
}

function showLights({ link, state, messageAgeS, frameAgeS }) {
  const blind = link !== "open" || !state || messageAgeS > 2 * FRESH_S;
  if (blind) {
    for (const id of ["#camera", "#reference"]) light(id, "unknown", word("unknown"));
    return;
  }
  const { status, reference_c, threshold_c } = state;
  const old = frameAgeS > FRESH_S;
  const named = briefly(said("statuses", status));
  if (["shutter", "settling"].includes(status)) light("#camera", "wait", named);
  else if (old) light("#camera", "bad", UNSEEING.includes(status) ? named : word("frozen"));
  else light("#camera", "good", word("running"));
  if (old) light("#reference", "unknown", word("unknown"));
  else if (reference_c === null || status === "no_reference") light("#reference", "bad", word("missing"));
  else light("#reference", "good", `${readable(reference_c, threshold_c)} °C`);
}

function light(id, level, text) {
  $(id).dataset.level = level;
  set($(`${id} .value`), text);
}

function showFaults({ link, state }) {
  const list = $("#faults");
  const texts = link === "open" && state ? state.faults.map((code) => said("faults", code)) : [];
  if (list.dataset.said === texts.join("\n")) return;
  list.dataset.said = texts.join("\n");
  list.hidden = texts.length === 0;
  list.replaceChildren(...texts.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
}

function showCounts(state) {
  set($("#gate"), state.gate_name || state.gate_id);
  for (const name of ["passed", "fever", "not_measured"]) set($(`#${name}`), String(state[name]));
  for (const name of ["written", "waiting", "set_aside"]) set($(`#${name}`), String(state.records[name]));
  $("#set_aside").parentElement.dataset.kind = state.records.set_aside > 0 ? "warn" : "";
}

for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => {
    speak(button.dataset.language);
    show();
  });
}
document.addEventListener("visibilitychange", show);
for (let loaded = false; !loaded;) {
  loaded = await loadWords().then(() => true, () => new Promise((wake) => setTimeout(wake, RETRY_MS, false)));
}
feed.open();
show();
setInterval(() => {
  feed.check();
  show();
}, TICK_MS);
