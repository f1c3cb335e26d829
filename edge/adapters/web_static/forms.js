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
      form.elements.symptom.value = "cough";
      $(".about", form).hidden = !person;
    },
    send(form, { person }) {
      const passage_uuid = value(form, "whom") === "last" ? person.uuid : null;
      return { do: "symptom", symptom: value(form, "symptom"), passage_uuid };
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
    label: aboutCase,
    begin(form, about) {
      // Questioned once, the same reading typed again is meant; another one is questioned anew.
      about.refused = (code) => {
        about.questioned = code === "contact_questionable" ? reading(value(form, "contact_c")) : null;
        if (about.questioned !== null) form.elements.contact_c.value = "";
        form.elements.contact_c.focus();
      };
    },
    send(form, about) {
      const contact_c = reading(value(form, "contact_c"));
      if (contact_c === null) return said("answers", "contact_missing");
      const confirmed = about.questioned != null && Math.abs(contact_c - about.questioned) < SAME_READING_C;
      return { do: "contact", case_id: about.case.case_id, contact_c, confirmed };
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
