// The guard's page: joins the feed, the picture and the words. Every age is measured with the steady clock, and every
// time of day is the gate's: this browser's wall clock may say what it likes.

import { showCases, whoOf } from "./cases.js";
import { Desk } from "./desk.js";
import { Feed, hereS } from "./feed.js";
import { FORMS, lastPerson } from "./forms.js";
import { prepareLooks, sound } from "./looks.js";
import { $, $$, set } from "./page.js";
import { Panels } from "./panels.js";
import { showPeople, timeOfDay, wallMs } from "./people.js";
import { drawFaces, drawPicture, drawScale } from "./picture.js";
import { FRESH_S, stage } from "./stage.js";
import { showState } from "./state.js";
import { showStatus, UNSEEING } from "./status.js";
import { showStage } from "./verdict.js";
import { answered, briefly, loadWords, said, speak, standing, word } from "./words.js";

const TICK_MS = 100;
const RETRY_MS = 1000;
// What the gate said of its last person holds no longer than this.
const ACT_WITHIN_S = 2;
// So long the gate may take to say that somebody who was released may be let in.
const RELEASED_S = 5;
// Steps of a case that ask for more than a note.
const OWN_FORMS = { contact: "contact", identified: "identify" };

// What opens beside the verdict and asks for nothing.
const SHELVES = ["cases", "people", "state"];

const feed = new Feed({ frame: received, link: relinked });
const desk = new Desk(() => {
  if (feed.link === "sign_in" && desk.guard !== null) feed.retry();
  show();
});
let panels = null; // what opens beside the verdict, once its words are there
let latest = null; // the newest message, whatever it holds
let frameAtS = null; // when its camera frame was new, on the gate's clock
let faces = []; // those of this frame
let released = null; // whose case was released a moment ago: passage, the reason to let them in, until when
let drawn = null; // the size of its picture, which is on the canvas, and the alarm told beside it

let linked = "connecting";

function relinked() {
  const begins = feed.link !== linked;
  linked = feed.link;
  if (linked === "sign_in" && begins) {
    // On a tablet whose sign-in has ended nothing of what was shown stays, neither names nor cases.
    if (latest !== null) location.reload();
    else panels.show("sign_in");
  }
  if (feed.link === "open") desk.find();
  show();
}

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
  // First what takes room, then what is fitted into the room that is left.
  showStatus(known);
  showCases(known, (one, step) => act(OWN_FORMS[step] ?? "step", { case: one, step }));
  showPeople(known);
  showState(known);
  showActions(known);
  showStage(stage(known), known, sound);
  showPicture(known);
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
  if (mark) set($("#mark"), briefly(standing(state)));
  $("#veil").hidden = fresh && drawn !== null;
  const [headline, detail] = veil(fresh);
  set($("#veil strong"), headline);
  set($("#veil span"), detail);
}

function veil(fresh) {
  if (frameAtS === null) return [word("no_picture_yet"), ""];
  if (fresh) return [word("no_temperatures"), ""];
  const ageS = feed.gateNowS() - frameAtS;
  const { state, published_s } = latest;
  const nowMs = wallMs({ state, messageAgeS: feed.gateNowS() - published_s });
  const time = timeOfDay(nowMs - 1000 * ageS, state, true);
  return [word("no_picture_since", { time }), word("for_seconds", { s: Math.floor(ageS) })];
}

// What may be done now. A form about somebody who is no longer there asks for nothing.
function showActions({ link, state, messageAgeS }) {
  const open = link === "open" && messageAgeS < ACT_WITHIN_S;
  const last = open ? state.last : null;
  const stopped = last !== null && last.verdict !== "pass" && last.let_in_by === null;
  $("#do-let_in").disabled = !stopped || desk.busy;
  // Whoever may not be let in is told why when it is asked: a button that does nothing explains nothing.
  $("#do-let_in").dataset.may = String(stopped && last.refusal === null);
  $("#do-symptom").disabled = $("#do-type_badge").disabled = !open || desk.busy;
  $("#do-type_badge").hidden = !state?.asked;
  for (const name of SHELVES) $(`#do-${name}`).setAttribute("aria-expanded", String(panels?.open === name));
  $("#state").hidden = panels?.open !== "state";
  const mayEnter = (open || link === "sign_in") && !desk.busy;
  $("#do-sign_in").disabled = $("#do-sign_out").disabled = !mayEnter;
  $("#do-sign_in").hidden = desk.guard !== null;
  $("#do-sign_out").hidden = desk.guard === null;
  set($("#guard .id"), desk.guard === "" ? word("signed_in") : (desk.guard ?? ""));
  for (const button of $$("form .main, [data-do]")) button.disabled = !open || desk.busy || panels?.deaf;
  $("form[data-form=sign_in] .main").disabled = !mayEnter || panels?.deaf;
  if (panels?.open !== "let_in") return;
  const gone = last?.passage_uuid !== panels.about.uuid || last.refusal !== null;
  if (gone && !desk.busy) {
    panels.refuse(word("another_person"));
    $(".main", panels.form("let_in")).disabled = true;
  }
}

// What somebody who signs in is about to do, and about whom.
function goal(name, about) {
  const what = { step: () => said("steps", about.step), contact: () => said("steps", "contact"), identify: () => said("steps", "identified") };
  const words = { let_in: "let_in", symptom: "symptom_title", type_badge: "type_badge_title", sign_day: "sign_day" };
  const whom = about.case ? whoOf(about.case) : name === "let_in" ? about.last.name : null;
  return word("then_goes_on", { what: [what[name]?.() ?? word(words[name]), whom].filter(Boolean).join(" · ") });
}

// Every act needs somebody who answers for it.
function act(name, about = {}) {
  const from = SHELVES.find((shelf) => panels.open === shelf);
  const back = from && (() => panels.show(from));
  const then = about.step === "released" ? () => wasReleased(about.case, back) : back;
  const open = () => panels.show(name, { ...about, then, back });
  if (desk.guard !== null) open();
  else panels.show("sign_in", { then: open, back, goal: () => goal(name, about) });
}

// Whoever is released and still stands at the gate is let in next.
function wasReleased(one, back) {
  if (one.passage_uuid !== null && one.passage_uuid === latest.state.last?.passage_uuid) {
    // The reason that a guard signs is what was measured, or theirs to choose.
    const reason = one.kind === "fever" && one.state === "open" && one.contact_c !== null ? "contact_normal" : null;
    released = { uuid: one.passage_uuid, reason, untilS: hereS() + RELEASED_S };
  } else back?.();
}

// Once the gate says that it may, and while their verdict is on the screen: the gate keeps it there as long as they
// stand before it.
function goOnWithReleased() {
  if (released === null) return;
  const last = latest?.state.last;
  const ageS = last ? feed.gateNowS() - latest.published_s + last.age_s : Infinity;
  if (panels.open || last?.passage_uuid !== released.uuid || hereS() > released.untilS || ageS > feed.holdS) released = null;
  else if (last.refusal === null && !desk.busy) {
    const { reason } = released;
    released = null;
    panels.hush();
    act("let_in", { ...lastPerson(latest.state), reason });
  }
}

function letIn() {
  const { last } = latest.state;
  if (last.refusal === null) act("let_in", lastPerson(latest.state));
  else panels.tell(said("answers", last.refusal));
}

function prepareDesk() {
  panels = new Panels(FORMS, desk, show);
  $("#do-let_in").addEventListener("click", letIn);
  $("#do-symptom").addEventListener("click", () => act("symptom", { person: lastPerson(latest.state) }));
  $("#do-type_badge").addEventListener("click", () => act("type_badge"));
  for (const name of SHELVES) {
    $(`#do-${name}`).addEventListener("click", () => (panels.open === name ? panels.close() : panels.show(name)));
  }
  $("#do-sign_day").addEventListener("click", () => act("sign_day", { state: latest.state, newest: () => latest.state }));
  $("#do-sign_in").addEventListener("click", () => panels.show("sign_in"));
  $("#do-sign_out").addEventListener("click", async () => panels.tell(answered((await desk.ask({ do: "sign_out" })).code)));
  $("[data-do=sign_in_by_badge]").addEventListener("click", () => {
    panels.wait(desk, { do: "sign_in_by_badge" }, word("hold_badge"));
  });
}

for (const button of $$("[data-language]")) {
  button.addEventListener("click", () => {
    speak(button.dataset.language);
    panels?.relabel();
    show();
  });
}
document.addEventListener("visibilitychange", show);
prepareLooks();
for (let loaded = false; !loaded;) {
  loaded = await loadWords().then(() => true, () => new Promise((wake) => setTimeout(wake, RETRY_MS, false)));
}
prepareDesk();
feed.open();
show();
setInterval(() => {
  feed.check();
  desk.check();
  goOnWithReleased();
  show();
}, TICK_MS);
