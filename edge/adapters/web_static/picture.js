// The thermal picture in colours fixed in degrees, the faces found in it, and the scale beside it.

import { briefly, said } from "./words.js";

// Nine even points of matplotlib's "inferno" (CC0): lightness only ever rises with temperature, so that it reads the
// same to the colour-blind and in grey.
const POINTS = [
  [0, 0, 4], [33, 12, 74], [86, 16, 110], [137, 34, 106], [187, 55, 84], [227, 89, 50], [249, 140, 10], [249, 201, 50],
  [252, 255, 164],
];
const NO_TEMPERATURE = [70, 80, 92];
const STEPS = 254;
const TICK_C = 5;
const SVG = "http://www.w3.org/2000/svg";

// Red, green, blue, alpha of each step as one little-endian number.
const COLOURS = Uint32Array.from({ length: STEPS + 2 }, (_, step) => {
  const [r, g, b] = step === 0 ? NO_TEMPERATURE : colourOf((step - 1) / STEPS);
  return (255 << 24 | b << 16 | g << 8 | r) >>> 0;
});

function colourOf(share) {
  const place = share * (POINTS.length - 1);
  const index = Math.min(Math.floor(place), POINTS.length - 2);
  return POINTS[index].map((from, i) => Math.round(from + (POINTS[index + 1][i] - from) * (place - index)));
}

// Degrees with one decimal, or with more where rounding would move a reading to the other side of the alarm.
export function readable(celsius, threshold_c) {
  if (celsius === null) return null;
  for (const digits of [1, 2]) {
    const shown = celsius.toFixed(digits);
    if ((Number(shown) >= threshold_c) === (celsius >= threshold_c)) return shown;
  }
  return celsius.toFixed(3);
}

// A threshold as it was set.
export const exactly = (celsius) => celsius.toFixed(2).replace(/0$/, "");

export function drawPicture(canvas, { rows, columns, steps }) {
  if (canvas.width !== columns || canvas.height !== rows) {
    canvas.width = columns;
    canvas.height = rows;
  }
  const pixels = new Uint32Array(rows * columns);
  for (let i = 0; i < pixels.length; i++) pixels[i] = COLOURS[steps[i]];
  canvas.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), columns, rows), 0, 0);
}

export function drawScale(canvas, ticks, { low_c, high_c }, threshold_c) {
  const steps = Uint8Array.from({ length: STEPS + 1 }, (_, row) => STEPS + 1 - row);
  drawPicture(canvas, { rows: STEPS + 1, columns: 1, steps });
  const marks = [];
  for (let at_c = Math.ceil(low_c / TICK_C) * TICK_C; at_c <= high_c; at_c += TICK_C) marks.push(["tick", at_c]);
  marks.push(["alarm", threshold_c]);
  ticks.replaceChildren(...marks.map(([kind, at_c]) => {
    const tick = document.createElement("span");
    tick.className = kind;
    tick.textContent = kind === "alarm" ? "" : `${at_c}°`;
    tick.style.bottom = `${100 * (at_c - low_c) / (high_c - low_c)}%`;
    return tick;
  }));
}

// Boxes are in the picture's own pixels; a dark line under each light one keeps it visible on every colour.
export function drawFaces(svg, labels, { rows, columns, threshold_c }, faces) {
  svg.setAttribute("viewBox", `0 0 ${columns} ${rows}`);
  svg.replaceChildren(...faces.flatMap((face) => [
    ...outline(face.box, `face ${face.why_not ? "unread" : "read"}`, face.track),
    ...(face.forehead ? outline(face.forehead, "forehead", face.track) : []),
  ]));
  const shown = faces.map((face) => label(face, threshold_c, rows));
  labels.replaceChildren(...shown);
  // Centred over the face, as far as the picture's edges let it.
  const width = labels.clientWidth;
  shown.forEach((element, i) => {
    const [x0, , x1] = faces[i].box;
    const half = element.offsetWidth / 2;
    element.style.left = `${Math.max(half, Math.min((x0 + x1) / 2 / columns * width, width - half))}px`;
    // A long one on a small picture covers the face rather than being cut off.
    if (element.offsetTop < 0) Object.assign(element.style, { top: "0", bottom: "auto" });
  });
}

function outline([x0, y0, x1, y1], kind, track) {
  return ["under", "over"].map((layer) => {
    const rect = document.createElementNS(SVG, "rect");
    const placed = { x: x0, y: y0, width: x1 - x0, height: y1 - y0, class: `${kind} ${layer}`, "data-track": track };
    for (const [name, value] of Object.entries(placed)) rect.setAttribute(name, value);
    return rect;
  });
}

function label({ track, box: [, y0], forehead_c, why_not }, threshold_c, rows) {
  const element = document.createElement("span");
  const reading = readable(forehead_c, threshold_c);
  const hot = forehead_c !== null && forehead_c >= threshold_c;
  element.className = reading === null ? "unread" : hot ? "hot" : "read";
  element.textContent = reading === null ? briefly(why_not ? said("reasons", why_not) : "…") : `${hot ? "! " : ""}${reading} °C`;
  element.dataset.track = track;
  // Above the face; a face at the upper edge has its label inside.
  if (y0 / rows > 0.1) element.style.bottom = `${100 * (1 - y0 / rows)}%`;
  else element.style.top = `${100 * y0 / rows}%`;
  return element;
}
