// Drift and readings: what the records, the daily check and the calibrations say of this gate.

import { $, make } from "./page.js";
import { table } from "./tech_calibration.js";
import { both, fixed, outcome, signed, tell } from "./tech_desk.js";
import { card, histograms, overDays } from "./tech_plot.js";

const MONTH_DAYS = 30;

export class ChartsPage {
  #desk;
  #answer;
  #told = null;

  constructor(desk, answer) {
    this.#desk = desk;
    this.#answer = answer;
    $("#chart_refresh").addEventListener("click", () => this.enter());
  }

  async enter() {
    const told = await this.#desk.ask("charts");
    if (!told.ok) return this.#answer(outcome(told));
    this.#told = told;
    this.speak();
  }

  speak() {
    if (this.#told === null) return;
    const { day, hours, bins, days, threshold_c, calibrations } = this.#told;
    const title = tell("chart_hours", { day });
    const alarm = tell("chart_threshold", { c: threshold_c });
    $("#chart_list").replaceChildren(
      card(tell("outlook"), ...this.#outlook()),
      card(title, ...this.#drawn(hours, () => histograms(hours, bins, threshold_c, title, alarm), ["col_hour", "col_people", "col_median"], (one) => [`${one.hour}:00`, String(one.count), fixed(one.median_c, 2)])),
      this.#days("chart_offset", "col_offset", days, "offset_k", 2),
      this.#days("chart_crowd", "col_median", days, "crowd_c", 2),
      this.#calibrations(calibrations),
    );
  }

  #outlook() {
    const { outlook, check } = this.#told;
    const lines = [];
    if (check === null) lines.push(["", tell("never_checked")]);
    else if (check.wrong.length === 0) lines.push(["good", tell("ready", check)]);
    else lines.push(["bad", tell("not_ready", { ...check, wrong: check.wrong.join(", ") })]);
    lines.push([outlook.warns ? "bad" : "good", both(outlook.cause)]);
    if (outlook.offset !== null) {
      const [k, low, high] = ["per_day_k", "low_k", "high_k"].map((name) => signed(outlook.offset[name] * MONTH_DAYS, 2));
      lines.push(["", tell("outlook_slope", { k, low, high })]);
      lines.push(["", tell("outlook_moved", { moved: signed(outlook.moved_k, 2), tolerance: fixed(outlook.tolerance_k, 2) })]);
      lines.push(outlook.leaves_on === null ? ["good", tell("outlook_holds")] : [outlook.warns ? "bad" : "", tell("outlook_leaves", { day: outlook.leaves_on })]);
    }
    if (outlook.stepped !== null) lines.push(["bad", `${signed(outlook.stepped.k, 2)} K: ${both(outlook.stepped)}`]);
    return lines.map(([level, textContent]) => make("p", { textContent, data: { level } }));
  }

  #days(key, column, days, field, digits) {
    const known = days.filter((one) => one[field] !== null);
    const title = tell(key);
    const points = known.map((one) => ({ day: one.day, value: one[field] }));
    return card(title, ...this.#drawn(known, () => overDays(points, title, digits), ["col_day", "col_people", column], (one) => [one.day, String(one.people), fixed(one[field], 2)]));
  }

  #calibrations(found) {
    const title = tell("chart_calibrations");
    const points = found.map((one) => ({ day: one.day, value: one.error_k, spread: one.expanded_k }));
    const cells = (one) => [one.day, signed(one.error_k, 3), fixed(one.expanded_k, 3), fixed(one.gain, 4)];
    return card(title, ...this.#drawn(found, () => overDays(points, title, 2), ["col_day", "col_error", "col_expanded", "col_gain"], cells));
  }

  #drawn(found, plot, heads, cells) {
    if (found.length === 0) return [make("p", { textContent: tell("chart_none") })];
    return [plot(), make("details", {}, make("summary", { textContent: tell("chart_table") }), make("div", { className: "wide" }, table(heads, found.map(cells))))];
  }
}
