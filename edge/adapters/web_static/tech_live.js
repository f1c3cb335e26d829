// The live picture with every pixel's own value (edge/core/tech.py): asked for again and again while somebody looks.

import { drawPicture } from "./picture.js";
import { $, set } from "./page.js";
import { tell } from "./tech_desk.js";

const NOTHING = -32768;
const STEPS = 254;
const STALE_MS = 1000;
const AGAIN_MS = 300;
const SVG = "http://www.w3.org/2000/svg";

export function decode(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const told = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const pixels = told.rows * told.columns;
  // Copied: where they begin is no multiple of two.
  const counts = new Uint16Array(buffer.slice(4 + length, 4 + length + 2 * pixels));
  const hundredths = new Int16Array(buffer.slice(4 + length + 2 * pixels, 4 + length + 4 * pixels));
  return { ...told, counts, hundredths };
}

// What the camera itself says of a pixel, and what readings are made of; null: not known, in C.
export const claimed = (look, i) => (look.unit === "centikelvin" ? look.counts[i] / look.per_kelvin - look.zero_c_k : null);
export const corrected = (look, i) => (look.hundredths[i] === NOTHING ? null : look.hundredths[i] / 100);

// The steps of the colours between these temperatures; a camera without degrees from its coldest to its hottest pixel.
function steps(look, low_c, high_c) {
  const values = Float32Array.from(look.counts, (count, i) => corrected(look, i) ?? claimed(look, i) ?? count);
  let [low, high] = [low_c, high_c];
  if (look.unit !== "centikelvin" && look.hundredths[0] === NOTHING) {
    [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b)) + 1];
  }
  return Uint8Array.from(values, (value) => 1 + Math.round(Math.min(1, Math.max(0, (value - low) / (high - low))) * STEPS));
}

export function shape(kind, attributes, name) {
  const element = document.createElementNS(SVG, kind);
  for (const [key, value] of Object.entries({ ...attributes, class: name })) element.setAttribute(key, value);
  return element;
}

// A dark line under each light one keeps it visible on every colour.
export const outlined = (kind, attributes, name) => ["under", "over"].map((layer) => shape(kind, attributes, `${name} ${layer}`));

export class LivePicture {
  look = null;
  framesPerS = 0;
  #stage;
  #range;
  #heard;
  #running = 0;
  #newAt = 0;

  // range: {low_c, high_c} at the moment; heard: called with each new look.
  constructor(stage, range, heard) {
    this.#stage = stage;
    this.#range = range;
    this.#heard = heard;
  }

  start() {
    this.#newAt = performance.now();
    this.#fetch(++this.#running);
    this.#watch(this.#running);
  }

  stop() {
    this.#running++;
    this.look = null;
    this.framesPerS = 0;
  }

  async #fetch(run) {
    while (run === this.#running) {
      try {
        const answer = await fetch(`tech/frame?after=${this.look?.number ?? 0}`, { signal: AbortSignal.timeout(10_000) });
        if (run !== this.#running) return;
        if (answer.status === 200) this.#seen(decode(await answer.arrayBuffer()));
        else await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      } catch {
        // The desk's poll says that the gate is lost.
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
  }

  #seen(look) {
    const now = performance.now();
    const rate = 1000 / Math.max(1, now - this.#newAt);
    this.framesPerS = this.framesPerS === 0 ? rate : 0.9 * this.framesPerS + 0.1 * rate;
    this.#newAt = now;
    this.look = look;
    const { low_c, high_c } = this.#range();
    drawPicture($("canvas.thermal", this.#stage), { ...look, steps: steps(look, low_c, high_c) });
    $("svg.over", this.#stage).setAttribute("viewBox", `0 0 ${look.columns} ${look.rows}`);
    this.#stage.style.setProperty("--shape", look.columns / look.rows);
    this.#heard(look);
  }

  // Nothing old is ever shown as live.
  #watch(run) {
    if (run !== this.#running) return;
    const stale = $(".stale", this.#stage);
    const age = performance.now() - this.#newAt;
    this.#stage.classList.toggle("old", age > STALE_MS);
    if (stale !== null) {
      stale.hidden = age <= STALE_MS;
      set(stale, this.look === null ? tell("waiting") : tell("no_picture", { s: Math.floor(age / 1000) }));
    }
    setTimeout(() => this.#watch(run), AGAIN_MS);
  }
}
