"""What follows a fever or a cough: a case, told by its steps, and who may take which.

    alarm, symptom      opens the case; the gate itself, or any guard
    identified          who it is, when nobody knew at first; any guard
    contact             the contact thermometer's reading, as often as needed: the highest counts; any guard
    observation         kept apart; any guard
    informed            guardian or clinic, once kept apart; the note says whom; any guard
    released            out of observation: a medic; before it: any guard, when the contact reading is normal;
                        nobody releases themselves
    closed              nothing left to do: after the release, or once somebody was informed

A case holds its person (`holds`) until it is released, and by nothing else: closing an observation ends what the guard
has to do, not the observation. A case is never stored: it is folded from its records, so restarts and midnight forget
nobody, and what was entitled when it was written down stays so when a guard leaves or a threshold moves.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from edge.core.contents import CaseStep, Step
from edge.core.errors import ConfigError
from edge.core.record import Record

Kind = Literal["fever", "symptom"]
State = Literal["open", "observation", "released", "closed"]

# What a contact thermometer shows of somebody who walks up to a gate; outside it is a slip of the keyboard.
LEAST_CONTACT_C, MOST_CONTACT_C = 34.0, 42.5
# Outside this it is more often a slip or a thermometer that sat badly than the truth: it is asked about.
LEAST_USUAL_C, MOST_USUAL_C = 35.0, 41.0
# Contact minus forehead skin. Skin is no warmer than the body but for the error of the picture, and a forehead that is
# just warm enough to be believed (33 C; straight from the frost 33.2 C) is 4 K colder than a healthy axilla.
LEAST_ABOVE_SKIN_K, MOST_ABOVE_SKIN_K = -1.0, 4.0

_STEPS: tuple[Step, ...] = get_args(Step)
_OPENING = ("alarm", "symptom")
_ROLES = ("guard", "medic")


@dataclass(frozen=True, slots=True)
class CasePolicy:
    """contact_fever_c: contact reading from which on it is a fever (36 to 39 C; 37.3 is the axillary convention)."""

    contact_fever_c: float = 37.3

    def __post_init__(self) -> None:
        if not 36.0 <= self.contact_fever_c <= 39.0:
            given = f"contact_fever_c = {self.contact_fever_c:g}"
            raise ConfigError(f"{given} 超出范围；请取 36 … 39 C", f"{given} is out of range; choose 36 … 39 C")


@dataclass(frozen=True, slots=True)
class Case:
    """One case as it stands. contact_c: the highest contact reading so far, in C; informed: whom, in order.

    closed: nothing is left to do for the guard; a case in observation may be closed and still holds its person.
    state `closed` is both, released and closed; all others stand on the screen.
    """

    case_id: str
    opened_utc_ms: int
    kind: Kind
    person_id: str | None
    passage_uuid: str | None
    symptom: str | None
    contact_c: float | None = None
    informed: tuple[str, ...] = ()
    steps: tuple[tuple[Step, int, str | None], ...] = ()
    state: State = "open"
    closed: bool = False


def fold(records: Iterable[Record]) -> dict[str, Case]:
    """Every case that these records tell of, by its id; in whatever order they come, each record counts once."""
    cases: dict[str, Case] = {}
    own = {record.uuid: record for record in records}
    for record in sorted(own.values(), key=lambda record: (record.gate_id, record.seq, record.uuid)):
        if isinstance(step := record.content, CaseStep):
            cases[step.case_id] = advance(cases.get(step.case_id), step, record.decided.utc_ms)
    return cases


def advance(case: Case | None, step: CaseStep, utc_ms: int) -> Case:
    """The case after a step that was written down; one that does not fit changes nothing.

    A step of a case that nobody knows opens it: its beginning was lost on the medium, and its person is held rather
    than forgotten.
    """
    if case is None:
        kind: Kind = "symptom" if step.step == "symptom" else "fever"
        case = Case(step.case_id, utc_ms, kind, step.person_id, step.passage_uuid, step.symptom)
        if step.step in _OPENING:
            return replace(case, steps=((step.step, utc_ms, step.by),))
    if _does_not_fit(case, step) is not None or step.by is None:
        return case
    return replace(_taken(case, step), steps=(*case.steps, (step.step, utc_ms, step.by)))


def refusal(
    case: Case | None,
    step: CaseStep,
    role: str | None,
    policy: CasePolicy,
    *,
    confirmed: bool = False,
    forehead_c: float | None = None,
) -> str | None:
    """Why this step may not be taken now: a code of texts.ANSWERS; None: it may be written down.

    case: None when there is none under step.case_id; role: of step.by, from ports.Guards, None when nobody of that
    name acts here; confirmed: it was questioned and stands; forehead_c: what the gate measured on them, in C.
    """
    return _does_not_fit(case, step) or _not_entitled(case, step, role, policy) or _doubt(step, confirmed, forehead_c)


def next_steps(case: Case, policy: CasePolicy | None = None) -> tuple[Step, ...]:
    """The steps that somebody entitled may take now, in their usual order."""
    policy = policy or CasePolicy()
    return tuple(step for step in _STEPS if refusal(case, _sample(case, step), "medic", policy) is None)


def questionable(contact_c: float, forehead_c: float | None = None) -> bool:
    """Whether a contact reading has to be confirmed: rare by itself, or far from what the gate measured (in C)."""
    if not LEAST_USUAL_C <= contact_c <= MOST_USUAL_C:
        return True
    return forehead_c is not None and not LEAST_ABOVE_SKIN_K <= contact_c - forehead_c <= MOST_ABOVE_SKIN_K


def contact_normal(case: Case, policy: CasePolicy) -> bool:
    """Whether the contact thermometer says that there is no fever; too cold a reading says nothing."""
    return case.contact_c is not None and LEAST_USUAL_C <= case.contact_c < policy.contact_fever_c


def holds(case: Case) -> bool:
    """Whether the person is kept out: from the first step until the release, closed or not."""
    return case.state in ("open", "observation")


def held_people(cases: Mapping[str, Case]) -> frozenset[str]:
    """The ids of all people who are held by a case."""
    return frozenset(case.person_id for case in cases.values() if case.person_id is not None and holds(case))


def _does_not_fit(case: Case | None, step: CaseStep) -> str | None:
    """Why this step does not follow on what was done so far, whoever takes it."""
    if step.step not in _STEPS:
        return "step_unknown"
    if step.step in _OPENING:
        if case is not None:
            return "case_already_open"
        return "symptom_missing" if step.step == "symptom" and step.symptom is None else None
    if case is None or step.case_id != case.case_id:
        return "case_unknown"
    if case.state == "closed":
        return "case_closed"
    return _misfit_identified(case, step) if step.step == "identified" else _misfit(case, step)


def _misfit(case: Case, step: CaseStep) -> str | None:
    """Why this step does not follow in a case that is not both released and closed."""
    if case.state == "released":
        return None if step.step == "closed" else "already_released"
    if case.closed:
        return None if step.step == "released" else "case_closed"
    kept = case.state == "observation"
    match step.step:
        case "contact":
            return "contact_missing" if step.contact_c is None else None
        case "observation":
            return "already_in_observation" if kept else None
        case "informed":
            return _misfit_informed(case, step) if kept else "observation_first"
        case "released":
            return None if kept or case.contact_c is not None else "contact_first"
        case _:
            return "release_or_observe_first" if not kept else None if case.informed else "inform_first"


def _misfit_identified(case: Case, step: CaseStep) -> str | None:
    if step.person_id is None:
        return "person_missing"
    return None if case.person_id is None else "already_identified"


def _misfit_informed(case: Case, step: CaseStep) -> str | None:
    whom = step.note.strip()
    if not whom:
        return "informed_whom"
    return "already_informed" if whom in case.informed else None


def _not_entitled(case: Case | None, step: CaseStep, role: str | None, policy: CasePolicy) -> str | None:
    if step.by is None:
        return None if step.step in _OPENING else "sign_in_first"
    if role not in _ROLES:
        return "sign_in_first"
    if step.step != "released" or case is None:
        return None
    if step.by == case.person_id:
        return "not_yourself"
    if case.state == "observation":
        return None if role == "medic" else "medic_needed"
    if contact_normal(case, policy):
        return None
    return "contact_feverish" if case.contact_c is None or case.contact_c >= LEAST_USUAL_C else "contact_too_cold"


def _doubt(step: CaseStep, confirmed: bool, forehead_c: float | None) -> str | None:
    if step.step != "contact":
        return None if step.contact_c is None else "contact_misplaced"
    # Not "below or above": that lets NaN through.
    if step.contact_c is None or not LEAST_CONTACT_C <= step.contact_c <= MOST_CONTACT_C:
        return "contact_out_of_range"
    return "contact_questionable" if questionable(step.contact_c, forehead_c) and not confirmed else None


def _taken(case: Case, step: CaseStep) -> Case:
    """The case after a step that fits."""
    match step.step:
        case "identified":
            return replace(case, person_id=step.person_id)
        case "contact":
            readings_c = [value for value in (case.contact_c, step.contact_c) if value is not None]
            # The highest: whoever is measured until the number suits stays held. Rounded as it is written down, so
            # that before and after a restart the same number is compared.
            return replace(case, contact_c=round(max(readings_c), 3))
        case "observation":
            return replace(case, state="observation")
        case "informed":
            return replace(case, informed=(*case.informed, step.note.strip()))
        case "released":
            return replace(case, state="closed" if case.closed else "released")
        case _:
            return replace(case, closed=True, state="closed" if case.state == "released" else case.state)


def _sample(case: Case, step: Step) -> CaseStep:
    """This step as somebody else would take it, complete and new."""
    by, whom = f"{case.person_id}.", "".join(case.informed) + "."
    return CaseStep(case.case_id, step, "x", None, by, "x", 36.5 if step == "contact" else None, whom)
