"""A case: which step follows which, who may take it, and that nobody is let go or forgotten otherwise."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast, get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.cases import (
    Case,
    CasePolicy,
    advance,
    contact_normal,
    fold,
    held_people,
    holds,
    next_steps,
    questionable,
    refusal,
)
from edge.core.contents import CaseStep, Content, Step, check
from edge.core.errors import ConfigError, RecordError
from edge.core.record import Record, parse
from edge.core.texts import ANSWERS
from tests.fakes.passages import case_step, everything, stamp
from tests.fakes.signing import bytes_of

POLICY = CasePolicy()
ROLES = {"wang": "guard", "doctor": "medic"}
CASE_ID = case_step().case_id


def record(seq: int, content: Content) -> Record:
    return Record(str(UUID(int=seq)), "gate-1", seq, stamp(seq), content, "0.2.0", "none")


def took(step: str, by: str | None = "wang", **changes: Any) -> CaseStep:
    return case_step(step=step, by=by, **changes)


def offer(case: Case | None, step: CaseStep, **how: Any) -> str | None:
    return refusal(case, step, None if step.by is None else ROLES.get(step.by), POLICY, **how)


def after(*steps: CaseStep) -> Case:
    """The case after an alarm and these steps, each of which must be allowed."""
    case = advance(None, took("alarm", by=None, person_id="p-1"), 1000)
    for n, step in enumerate(steps, 2):
        assert offer(case, step, confirmed=True) is None, step
        case = advance(case, step, n * 1000)
    return case


OBSERVED = (took("contact", contact_c=38.2), took("observation"))


def test_a_fever_that_the_contact_thermometer_does_not_confirm_is_released_by_the_guard() -> None:
    case = after(took("contact", contact_c=36.6))
    assert contact_normal(case, POLICY)
    assert holds(case)
    case = after(took("contact", contact_c=36.6), took("released"))
    assert not holds(case)
    assert case.state == "released"
    case = after(took("contact", contact_c=36.6), took("released"), took("closed"))
    assert (case.state, case.closed) == ("closed", True)
    assert [(step, by) for step, _, by in case.steps] == [
        ("alarm", None),
        ("contact", "wang"),
        ("released", "wang"),
        ("closed", "wang"),
    ]
    assert [utc_ms for _, utc_ms, _ in case.steps] == [1000, 2000, 3000, 4000]


def test_a_confirmed_fever_goes_to_observation_and_is_held_although_the_guard_is_done() -> None:
    case = after(*OBSERVED, took("informed", note="母亲 13800000000"), took("closed"))
    assert case.closed
    assert case.state == "observation"
    assert holds(case)
    assert case.informed == ("母亲 13800000000",)
    assert next_steps(case) == ("released",)
    released = advance(case, took("released", by="doctor"), 9000)
    assert (released.state, holds(released)) == ("closed", False)


def test_a_cough_opens_a_case_with_a_button() -> None:
    step = took("symptom", symptom="cough", person_id="p-2")
    assert offer(None, step) is None
    case = advance(None, step, 5)
    assert (case.kind, case.symptom, case.person_id, case.opened_utc_ms) == ("symptom", "cough", "p-2", 5)
    assert holds(case)


def test_who_was_not_known_is_identified_once() -> None:
    case = advance(None, took("alarm", by=None), 0)
    assert held_people({CASE_ID: case}) == frozenset()
    named = took("identified", person_id="p-7")
    case = advance(case, named, 1)
    assert held_people({CASE_ID: case}) == {"p-7"}
    assert offer(case, replace(named, person_id="p-8")) == "already_identified"
    assert advance(case, replace(named, person_id="p-8"), 2) == case


@pytest.mark.parametrize(
    ("steps", "step", "code"),
    [
        ((), took("alarm", by=None), "case_already_open"),
        ((), took("symptom", symptom="cough"), "case_already_open"),
        ((), took("identified"), "person_missing"),
        ((), took("contact"), "contact_missing"),
        ((), took("informed", note="mother"), "observation_first"),
        ((), took("released"), "contact_first"),
        ((), took("released", by="doctor"), "contact_first"),
        ((), took("closed"), "release_or_observe_first"),
        ((), took("vanished"), "step_unknown"),
        ((), took("contact", contact_c=36.6, case_id=str(UUID(int=5))), "case_unknown"),
        (OBSERVED[:1], took("released"), "contact_feverish"),
        (OBSERVED[:1], took("released", by="doctor"), "contact_feverish"),
        (OBSERVED, took("observation"), "already_in_observation"),
        (OBSERVED, took("informed"), "informed_whom"),
        (OBSERVED, took("informed", note=" "), "informed_whom"),
        (OBSERVED, took("closed"), "inform_first"),
        (OBSERVED, took("released"), "medic_needed"),
        ((*OBSERVED, took("contact", contact_c=36.6)), took("released"), "medic_needed"),
        ((*OBSERVED, took("informed", note="mother")), took("informed", note="mother "), "already_informed"),
        ((*OBSERVED, took("informed", note="mother"), took("closed")), took("closed"), "case_closed"),
        ((*OBSERVED, took("informed", note="mother"), took("closed")), took("contact", contact_c=36.0), "case_closed"),
        ((*OBSERVED, took("released", by="doctor")), took("released", by="doctor"), "already_released"),
        ((*OBSERVED, took("released", by="doctor")), took("observation"), "already_released"),
        ((took("contact", contact_c=36.6), took("released"), took("closed")), took("closed"), "case_closed"),
    ],
)
def test_what_is_out_of_order_doubled_or_not_theirs_is_refused_with_a_reason(
    steps: Sequence[CaseStep], step: CaseStep, code: str
) -> None:
    assert offer(after(*steps), step) == code


@pytest.mark.parametrize("step", [step for step in get_args(Step) if step not in ("alarm", "symptom")])
def test_nothing_follows_on_a_case_that_nobody_opened(step: Step) -> None:
    assert offer(None, took(step, contact_c=36.6, person_id="p-1", note="mother")) == "case_unknown"


def test_a_symptom_has_a_name_and_a_reading_its_own_step() -> None:
    assert offer(None, took("symptom")) == "symptom_missing"
    assert offer(after(), took("observation", contact_c=float("nan"))) == "contact_misplaced"


@pytest.mark.parametrize("by", [None, "stranger"])
@pytest.mark.parametrize("step", ["identified", "contact", "observation"])
def test_whoever_has_not_signed_in_takes_no_step(by: str | None, step: str) -> None:
    case = advance(None, took("alarm", by=None), 0)
    assert offer(case, took(step, by, contact_c=36.6, person_id="p-2")) == "sign_in_first"


def test_the_gate_opens_a_case_by_itself_but_no_stranger_does() -> None:
    assert offer(None, took("alarm", by=None)) is None
    assert offer(None, took("alarm", by="stranger")) == "sign_in_first"


@pytest.mark.parametrize("contact_c", [33.9, 42.6, 0.0, 366.0, -1.0, float("nan"), float("inf")])
def test_what_no_contact_thermometer_shows_is_refused_however_often_it_is_typed(contact_c: float) -> None:
    step = took("contact", contact_c=contact_c)
    assert offer(after(), step) == "contact_out_of_range"
    assert offer(after(), step, confirmed=True) == "contact_out_of_range"


@pytest.mark.parametrize(
    ("contact_c", "forehead_c"), [(34.0, None), (34.9, None), (41.1, None), (42.5, None), (35.2, 38.5), (39.5, 33.5)]
)
def test_a_questionable_reading_is_typed_twice(contact_c: float, forehead_c: float | None) -> None:
    step = took("contact", contact_c=contact_c)
    assert questionable(contact_c, forehead_c)
    assert offer(after(), step, forehead_c=forehead_c) == "contact_questionable"
    assert offer(after(), step, forehead_c=forehead_c, confirmed=True) is None


@pytest.mark.parametrize(
    ("contact_c", "forehead_c"), [(35.0, None), (36.5, None), (41.0, None), (36.4, 37.3), (38.5, 36.2), (37.0, 33.0)]
)
def test_a_usual_reading_is_taken_at_once(contact_c: float, forehead_c: float | None) -> None:
    assert offer(after(), took("contact", contact_c=contact_c), forehead_c=forehead_c) is None


def test_a_reading_too_cold_to_be_true_releases_nobody() -> None:
    case = after(took("contact", contact_c=34.5))
    assert offer(case, took("released")) == "contact_too_cold"
    assert offer(advance(case, took("contact", contact_c=36.4), 9), took("released")) is None


def test_measuring_until_the_number_suits_releases_nobody() -> None:
    case = after(took("contact", contact_c=38.0), took("contact", contact_c=36.6))
    assert case.contact_c == 38.0
    assert not contact_normal(case, POLICY)
    assert offer(case, took("released")) == "contact_feverish"


def test_nobody_releases_themselves() -> None:
    case = advance(None, took("alarm", by=None, person_id="doctor"), 0)
    kept = advance(case, took("observation"), 1)
    assert offer(kept, took("released", by="doctor")) == "not_yourself"
    measured = advance(case, took("contact", contact_c=36.6), 1)
    assert offer(measured, took("released", by="doctor")) == "not_yourself"
    assert offer(measured, took("released", by="wang")) is None


def test_a_reading_is_compared_as_it_is_written_down() -> None:
    assert offer(after(took("contact", contact_c=37.2996)), took("released")) == "contact_feverish"


def test_the_contact_threshold_itself_is_a_fever_and_the_site_may_move_it() -> None:
    case, step = after(took("contact", contact_c=37.3)), took("released")
    assert offer(case, step) == "contact_feverish"
    assert refusal(case, step, "guard", CasePolicy(contact_fever_c=37.5)) is None
    for wrong in (35.9, 39.1, float("nan")):
        with pytest.raises(ConfigError, match="contact_fever_c"):
            CasePolicy(contact_fever_c=wrong)


@pytest.mark.parametrize(
    ("steps", "nexts"),
    [
        ((), ("contact", "observation")),
        ((took("contact", contact_c=36.6),), ("contact", "observation", "released")),
        (OBSERVED[:1], ("contact", "observation")),
        (OBSERVED, ("contact", "informed", "released")),
        ((*OBSERVED, took("informed", note="mother")), ("contact", "informed", "released", "closed")),
        ((*OBSERVED, took("released", by="doctor")), ("closed",)),
        ((*OBSERVED, took("released", by="doctor"), took("closed")), ()),
    ],
)
def test_the_next_steps_are_those_that_can_be_taken(steps: Sequence[CaseStep], nexts: tuple[str, ...]) -> None:
    assert next_steps(after(*steps)) == nexts


def test_yesterdays_case_still_stands_today() -> None:
    yesterday = record(1, took("alarm", by=None, person_id="p-1"))
    thousands = [record(n, everything(n)["passage"]) for n in range(2, 50)]
    cases = fold([*thousands, yesterday])
    assert held_people(cases) == {"p-1"}
    assert cases[CASE_ID].opened_utc_ms == stamp(1).utc_ms


def test_a_case_whose_beginning_was_lost_on_the_medium_is_held_rather_than_forgotten() -> None:
    kept = fold([record(2, took("observation", person_id="p-1"))])[CASE_ID]
    assert (kept.state, kept.person_id) == ("observation", "p-1")
    for step in ("released", "closed", "informed"):
        assert holds(fold([record(2, took(step, person_id="p-1", note="mother"))])[CASE_ID])


WORDS = (*get_args(Step), "vanished")
OFFERS = st.lists(
    st.builds(
        took,
        st.sampled_from(WORDS),
        by=st.sampled_from([None, "wang", "doctor", "stranger"]),
        contact_c=st.none() | st.floats(20, 50) | st.sampled_from([36.6, 38.0, float("nan")]),
        person_id=st.sampled_from([None, "p-1", "p-2"]),
        symptom=st.sampled_from([None, "cough"]),
        note=st.sampled_from(["", " ", "mother", "clinic"]),
        case_id=st.sampled_from([CASE_ID, str(UUID(int=77))]),
    ),
    max_size=25,
)


def entitled(case: Case, step: CaseStep) -> bool:
    """The rule in other words: a medic out of observation; before it, any guard with a normal reading in hand."""
    if step.step != "released" or step.by not in ROLES:
        return False
    if case.state == "observation":
        return ROLES[step.by] == "medic"
    return case.contact_c is not None and 35.0 <= case.contact_c < POLICY.contact_fever_c


@given(OFFERS, st.booleans())
def test_whatever_is_offered_only_an_entitled_release_lets_go_and_the_records_tell_the_same(
    offers: list[CaseStep], confirmed: bool
) -> None:
    cases: dict[str, Case] = {}
    written: list[Record] = []
    for seq, offered in enumerate(offers, 1):
        before = cases.get(offered.case_id)
        code = offer(before, offered, confirmed=confirmed)
        if code is not None:
            assert ANSWERS[code].zh
            assert ANSWERS[code].en
            continue
        check(offered)
        # Through the very bytes on the disk: what is folded after a restart.
        written.append(parse(bytes_of(record(seq, offered))))
        step = cast(CaseStep, written[-1].content)
        cases[step.case_id] = case = advance(before, step, stamp(seq).utc_ms)
        if before is not None:
            assert step.step in next_steps(before)
            assert len(case.steps) == len(before.steps) + 1
            if holds(before) and not holds(case):
                assert entitled(before, step)
            assert before.person_id in (None, case.person_id)
        if case.state == "closed":
            assert {"released", "closed"} <= {taken for taken, _, _ in case.steps}
    assert fold(written) == cases


@given(OFFERS, st.randoms())
def test_any_records_in_any_order_as_often_as_they_like_fold_to_one_state(offers: list[CaseStep], random: Any) -> None:
    records = [record(seq, step) for seq, step in enumerate(offers, 1) if sound(step)]
    shuffled = [*records, *records[::2]]
    random.shuffle(shuffled)
    cases = fold(records)
    assert fold(shuffled) == cases
    assert set(cases) == {step.case_id for step in offers if sound(step)}
    for case in cases.values():
        if not holds(case):
            assert any(step == "released" and by is not None for step, _, by in case.steps)


def sound(step: CaseStep) -> bool:
    """Whether any store would have taken it."""
    try:
        parse(bytes_of(record(1, step)))
    except RecordError:
        return False
    return True


@given(OFFERS)
def test_every_next_step_that_is_shown_can_be_taken_by_somebody(offers: list[CaseStep]) -> None:
    case = after()
    for step in offers:
        if offer(case, step, confirmed=True) is None:
            case = advance(case, step, 0)
    for name in next_steps(case):
        contact_c = 36.5 if name == "contact" else None
        step = took(name, by="doctor", contact_c=contact_c, person_id="p-9", note="somebody new")
        assert offer(case, step) is None
