// The live picture: any pixel read out, and reference and zone drawn on it by hand.

import { drawScale } from "./picture.js";
import { $, $$, make, set } from "./page.js";
import { fixed, outcome, signed, tell } from "./tech_desk.js";
import { claimed, corrected, LivePicture, outlined } from "./tech_live.js";
import { standing } from "./words.js";

const FACTS = ["pixel", "counts", "claimed", "corrected", "around", "status", "reference", "offset", "fpa", "shutter", "serial", "frame", "rate"];
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const KEYS = { reference: "reference.region", zone: "policy.min_face_width_px" };
const LEAST_PX = 2;

export class PicturePage {
  #desk;
  #answer;
  #propose;
  #live;
  #at = null; // [column, row] under the cross
  #draws = null; // "reference" or "zone" while a box is drawn
  #box = null; // [x0, y0, x1, y1], upright
  #drawn = null; // {key, value} for the settings

  constructor(desk, answer, propose) {
    this.#desk = desk;
    this.#answer = answer;
    this.#propose = propose;
    this.#live = new LivePicture($("#picture .stage"), () => desk.state ?? {}, () => this.#shown());
    $("#picture .facts").append(...FACTS.map((name) => make("div", { data: { fact: name } }, make("dt", { data: { said: `tech.${name}` }, textContent: tell(name) }), make("dd"))));
    this.#listen();
  }

  enter() {
    const { low_c, high_c } = this.#desk.state;
    drawScale($("#picture .scale canvas"), $("#picture .ticks"), { low_c, high_c }, low_c);
    this.#live.start();
  }

  leave() {
    this.#live.stop();
    this.#drop();
  }

  #listen() {
    const canvas = $("#picture canvas.thermal");
    canvas.addEventListener("pointerdown", (event) => {
      const at = this.#under(event);
      if (at === null) return;
      event.preventDefault();
      canvas.focus({ preventScroll: true });
      canvas.setPointerCapture(event.pointerId);
      if (this.#draws) this.#box = [...at, ...at];
      else this.#at = at;
      this.#shown();
    });
    canvas.addEventListener("pointermove", (event) => {
      const at = this.#under(event);
      if (at === null || (this.#draws && !event.buttons)) return;
      if (this.#draws) this.#box = [this.#box[0], this.#box[1], at[0] + 1, at[1] + 1];
      else this.#at = at;
      this.#shown();
    });
    canvas.addEventListener("keydown", (event) => this.#key(event));
    for (const button of $$("#drawing [data-draw]")) button.addEventListener("click", () => this.#begin(button.dataset.draw));
    $("#draw_take").addEventListener("click", () => this.#take());
    $("#draw_cancel").addEventListener("click", () => this.#drop());
    $("#to_settings").addEventListener("click", () => this.#propose(this.#drawn.key, this.#drawn.value));
  }

  #under({ clientX, clientY }) {
    const { look } = this.#live;
    if (look === null) return null;
    const { left, top, width, height } = $("#picture canvas.thermal").getBoundingClientRect();
    const place = (share, most) => Math.max(0, Math.min(most - 1, Math.floor(share * most)));
    return [place((clientX - left) / width, look.columns), place((clientY - top) / height, look.rows)];
  }

  #key(event) {
    const { look } = this.#live;
    if (look === null) return;
    if (this.#draws && event.key === "Enter") this.#take();
    else if (this.#draws && event.key === "Escape") this.#drop();
    else if (event.key in ARROWS) this.#move(...ARROWS[event.key], event.shiftKey, look);
    else return;
    event.preventDefault();
  }

  #move(dx, dy, sizes, { columns, rows }) {
    const within = (value, most) => Math.max(0, Math.min(most, value));
    if (this.#draws) {
      const [x0, y0, x1, y1] = this.#box;
      const far = [within(x1 + dx, columns), within(y1 + dy, rows)];
      const moved = x0 + dx >= 0 && x1 + dx <= columns && y0 + dy >= 0 && y1 + dy <= rows;
      if (sizes) this.#box = [x0, y0, ...far];
      else if (moved) this.#box = [x0 + dx, y0 + dy, x1 + dx, y1 + dy];
    } else {
      const [x, y] = this.#at ?? [columns >> 1, rows >> 1];
      this.#at = [within(x + dx, columns - 1), within(y + dy, rows - 1)];
    }
    this.#shown();
  }

  #begin(kind) {
    const { look } = this.#live;
    if (look === null) return this.#answer(tell("waiting"));
    this.#draws = kind;
    const [x, y] = [look.columns / 2, look.rows / 2].map(Math.floor);
    const half = kind === "zone" ? Math.round(this.#desk.state.face_px / 2) : 6;
    this.#box = kind === "reference" && look.reference ? look.reference.map(Math.round) : [x - half, y - half, x + half, y + half];
    set($("#drawn_value"), "");
    $("#to_settings").hidden = true;
    $("#picture canvas.thermal").focus();
    this.#shown();
  }

  #drop() {
    this.#draws = this.#box = null;
    this.#shown();
  }

  async #take() {
    const [x0, y0, x1, y1] = this.#box;
    if (Math.abs(x1 - x0) < LEAST_PX || Math.abs(y1 - y0) < LEAST_PX) return;
    const kind = this.#draws;
    const told = await this.#desk.ask("drawn", { box: [x0, y0, x1, y1] });
    if (!told.ok) return this.#answer(outcome(told));
    const value = kind === "reference" ? told.region : told.face_px;
    this.#drawn = { key: KEYS[kind], value };
    this.#drop();
    set($("#drawn_value"), kind === "reference" ? tell("drawn_reference", { value }) : tell("drawn_zone", { value }));
    $("#to_settings").hidden = false;
    $("#to_settings").focus();
  }

  speak() {
    set($("#drawn_value"), "");
    $("#to_settings").hidden = true;
  }

  #shown() {
    for (const button of $$("#drawing [data-draw]")) button.setAttribute("aria-pressed", String(button.dataset.draw === this.#draws));
    $("#drawn").hidden = this.#draws === null;
    const { look } = this.#live;
    if (look === null) return;
    this.#overlay(look);
    for (const [name, value] of Object.entries(this.#facts(look))) set($(`#picture [data-fact=${name}] dd`), value);
  }

  #overlay(look) {
    const marks = [];
    if (look.reference) {
      const [x0, y0, x1, y1] = look.reference;
      marks.push(...outlined("rect", { x: x0, y: y0, width: x1 - x0, height: y1 - y0 }, "reference"));
    }
    if (this.#box) {
      const [x0, y0, x1, y1] = this.#box;
      marks.push(...outlined("rect", { x: Math.min(x0, x1), y: Math.min(y0, y1), width: Math.abs(x1 - x0), height: Math.abs(y1 - y0) }, "drawn"));
    } else if (this.#at) {
      const [x, y] = this.#at.map((value) => value + 0.5);
      const d = `M${x - 5} ${y}h3.5M${x + 1.5} ${y}h3.5M${x} ${y - 5}v3.5M${x} ${y + 1.5}v3.5`;
      marks.push(...outlined("path", { d }, "cross"));
    }
    $("#picture svg.over").replaceChildren(...marks);
  }

  #facts(look) {
    const at = this.#at ?? [look.columns >> 1, look.rows >> 1];
    const [x, y] = at.map((value, axis) => Math.min(value, [look.columns, look.rows][axis] - 1));
    const i = y * look.columns + x;
    const degrees = (value) => (value === null || value === undefined ? tell("nothing") : `${fixed(value, 2)} °C`);
    return {
      pixel: `${x}, ${y}`,
      counts: String(look.counts[i]),
      claimed: degrees(claimed(look, i)),
      corrected: degrees(corrected(look, i)),
      around: this.#around(look, x, y),
      status: standing(look),
      reference: look.reference_c === null ? tell("nothing") : degrees(look.reference_c),
      offset: look.offset_k === null ? tell("nothing") : `${signed(look.offset_k, 2)} K`,
      fpa: degrees(look.fpa_c),
      shutter: look.shutter ?? tell("nothing"),
      serial: look.serial ?? tell("nothing"),
      frame: String(look.seq),
      rate: `${fixed(this.#live.framesPerS, 1)} /s`,
    };
  }

  #around(look, x, y) {
    const values = [];
    for (let row = Math.max(0, y - 1); row <= Math.min(look.rows - 1, y + 1); row++) {
      for (let column = Math.max(0, x - 1); column <= Math.min(look.columns - 1, x + 1); column++) {
        const i = row * look.columns + column;
        values.push(corrected(look, i) ?? claimed(look, i));
      }
    }
    if (values.includes(null)) return tell("nothing");
    const mean = values.reduce((a, b) => a + b) / values.length;
    const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
    return `${fixed(mean, 2)} ± ${fixed(spread, 2)}`;
  }
}
