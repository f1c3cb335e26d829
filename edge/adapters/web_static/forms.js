// What each form asks for, and the command that it becomes (edge/core/desk.py).

import { caseLine, whoOf } from "./cases.js";
import { $, $$, make, set } from "./page.js";
import { dayLines, people } from "./state.js";
import { said, word } from "./words.js";

const SAME_READING_C = 0.05;
const FULL_WIDTH = 0xfee0;

// What the guard may do with the person whose verdict was the last.
export function lastPerson(state) {
  const last = state?.last;
  return last?.passage_uuid ? { uuid: last.passage_uuid, last } : null;
}

function describe({ last }) {
  const named = [last.name ?? word("last_person"), last.class_name, said("verdicts", last.verdict)];
  return named.filter(Boolean).join(" · ");
}

const value = (form, name) => form.elements[name].value;
const whom = (form, text) => set($(".whom", form), text);
const aboutCase = (form, about) => whom(form, `${whoOf(about.case)} · ${caseLine(about.case)}`);

// Digits and dots of a Chinese keyboard, and a comma, are what they look like.
function reading(text) {
  const plain = [...text.trim()].map((one) => (one >= "．" && one <= "９" ? String.fromCharCode(one.charCodeAt(0) - FULL_WIDTH) : one));
  const typed = plain.join("").replace(/[,，。]/, ".");
  return /^\d{2}(\.\d{1,2})?$/.test(typed) ? Number(typed) : null;
}

// Whether this very reading was questioned a moment ago.
function meant(form, { questioned }) {
  const typed = reading(value(form, "contact_c"));
  return questioned != null && typed !== null && Math.abs(typed - questioned) < SAME_READING_C;
}

export const FORMS = {
  sign_in: {
    label: (form, { goal }) => whom(form, goal?.() ?? ""),
    send(form) {
      const [guard_id, pin] = [value(form, "guard_id").trim(), value(form, "pin")];
      return guard_id && /^\d+$/.test(pin) ? { do: "sign_in", guard_id, pin } : word("type_both");
    },
  },
  let_in: {
    label: (form, about) => whom(form, describe(about)),
    begin(form, { reason }) {
      if (reason) form.elements.reason.value = reason;
    },
    send(form, { uuid }) {
      const reason = value(form, "reason");
      if (!reason) return word("choose_why");
      return { do: "let_in", passage_uuid: uuid, reason, note: value(form, "note").trim() };
    },
  },
  symptom: {
    label: (form, { person }) => whom(form, person ? describe(person) : ""),
    begin(form, { person }) {
      form.elements.whom.value = person ? "last" : "other";
      $(".about", form).hidden = !person;
    },
    send(form, { person }) {
      const passage_uuid = value(form, "whom") === "last" ? person.uuid : null;
      const symptom = value(form, "symptom");
      return symptom ? { do: "symptom", symptom, passage_uuid } : word("choose_symptom");
    },
  },
  sign_day: {
    // The numbers that are signed for are those shown; the gate refuses when they have moved on, and they are shown anew.
    label(form, about) {
      $(".day", form).replaceChildren(...dayLines(about.state).map(([key, value]) => make(
        "div", { data: { day: key } }, make("dt", { textContent: word(key) }), make("dd", { textContent: String(value) }),
      )));
    },
    begin(form, about) {
      about.refused = (code) => {
        if (code !== "day_changed") return;
        about.state = about.newest();
        FORMS.sign_day.label(form, about);
      };
    },
    send: (form, { state }) => ({ do: "sign_day", people: people(state), note: value(form, "note").trim() }),
  },
  identify: {
    label: aboutCase,
    send: (form, about) => ({ do: "identify", case_id: about.case.case_id, number: value(form, "number") }),
  },
  type_badge: {
    send: (form) => ({ do: "type_badge", badge: value(form, "badge") }),
  },
  contact: {
    label(form, about) {
      aboutCase(form, about);
      // The number that was questioned stands on the button that confirms it.
      const asked = meant(form, about);
      set($(".main", form), asked ? word("confirm_reading", { c: String(about.questioned) }) : word("enter"));
    },
    begin(form, about) {
      about.refused = (code, hush) => {
        about.questioned = code === "contact_questionable" ? about.sent : null;
        FORMS.contact.label(form, about);
        form.elements.contact_c.focus();
        hush();
      };
      // Another reading is questioned anew.
      form.elements.contact_c.oninput = () => FORMS.contact.label(form, about);
    },
    send(form, about) {
      const contact_c = reading(value(form, "contact_c"));
      if (contact_c === null) return value(form, "contact_c").trim() ? word("reading_form") : said("answers", "contact_missing");
      about.sent = contact_c;
      return { do: "contact", case_id: about.case.case_id, contact_c, confirmed: meant(form, about) };
    },
  },
  step: {
    label(form, about) {
      aboutCase(form, about);
      for (const selector of ["h2", ".main"]) set($(selector, form), said("steps", about.step));
      set($(".note", form), about.step === "informed" ? word("informed_whom") : word("note"));
    },
    begin(form, { step }) {
      $(".informed", form).hidden = step !== "informed";
      for (const button of $$("[data-note]", form)) {
        button.onclick = () => {
          form.elements.note.value = button.textContent;
        };
      }
    },
    send(form, about) {
      return { do: "take_step", case_id: about.case.case_id, step: about.step, note: value(form, "note").trim() };
    },
  },
};
