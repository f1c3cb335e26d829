"""The report of a day: everybody on the roster once, and every number adds up whatever the records say."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.contents import CaseStep, Content, GateEvent, Override, Passage
from edge.core.dating import on_set_clocks
from edge.core.record import Record, Stamp
from edge.core.report import DayReport, Tally, of_day
from edge.core.roster import UNTIL_RELEASED, Person
from tests.fakes.passages import case_step, fever, gate_event, passage, refused, stamp, unmeasured

DAY = "2026-01-05"
START_MS = stamp().utc_ms
END_MS = START_MS + 86_400_000


def record(seq: int, content: Content, uuid: str | None = None) -> Record:
    return Record(uuid or str(UUID(int=seq)), "gate-1", seq, stamp(seq), content, "0.2.0", "none")


def person(n: int, class_id: str | None = "C1", **changes: Any) -> Person:
    return replace(Person(f"p-{n}", f"学生{n}", "pupil", class_id, (f"B{n}",), True, None, True), **changes)


def of(n: int, content: Passage) -> Passage:
    """The same, by the n-th person."""
    return replace(content, identified="known", person_id=f"p-{n}", means="card", roster_version=12)


def no_face(n: int) -> Passage:
    return of(n, replace(unmeasured(n), measurement=None, reasons=("no_face",)))


def let_in(passage_seq: int, n: int | None = None) -> Override:
    person_id = None if n is None else f"p-{n}"
    return Override(str(UUID(int=passage_seq)), person_id, "wang", "no_badge", "")


def step(name: str, case: int = 1, by: str | None = "wang", **changes: Any) -> CaseStep:
    return case_step(case, step=name, by=by, passage_uuid=None, **changes)


def day(contents: Sequence[Content], people: Iterable[Person], history: Sequence[Record] = ()) -> DayReport:
    return of_day(DAY, "gate-1", [record(n, c) for n, c in enumerate(contents, 1)], history, people, END_MS, 12)


def whole(report: DayReport) -> tuple[int, int, int, int, int]:
    one = report.whole
    return one.people, one.passed, one.refused, one.in_observation, one.absent


def test_a_day_without_anything_is_a_zero_report() -> None:
    report = day([], [])
    assert report.is_zero
    assert whole(report) == (0, 0, 0, 0, 0)
    assert report.verdicts == (("pass", 0), ("fever", 0), ("refused", 0), ("not_measured", 0))
    assert whole(day([], [person(1), person(2)])) == (2, 0, 0, 0, 2)


def test_an_open_case_of_yesterday_is_no_zero_report() -> None:
    report = day([], [person(1)], [record(900, step("alarm", person_id="p-1"))])
    assert not report.is_zero
    assert whole(report) == (1, 0, 0, 1, 0)


def test_everybody_is_counted_once_class_by_class() -> None:
    people = [person(1), person(2), person(3, "C2"), person(4, "C2"), person(5, None)]
    report = day([of(1, passage(1)), refused(2), of(3, unmeasured(3)), of(5, passage(5))], people)
    assert report.whole == Tally(None, 5, 2, 2, 0, 1)
    assert report.classes == (Tally("C1", 2, 1, 1, 0, 0), Tally("C2", 2, 0, 1, 0, 1), Tally(None, 1, 1, 0, 0, 0))
    assert report.refused_for == (("left_early", 1), ("not_approved", 1))


def test_the_last_verdict_counts() -> None:
    people = [person(1), person(2)]
    report = day([refused(1), of(1, passage(1)), of(2, passage(2)), refused(2, "too_late")], people)
    assert whole(report) == (2, 1, 1, 0, 0)
    assert report.verdicts == (("pass", 2), ("fever", 0), ("refused", 2), ("not_measured", 0))


@pytest.mark.parametrize("again", [refused(1, "already_in"), refused(1, "too_early", "already_in"), no_face(1)])
def test_who_is_in_stays_in_when_their_badge_is_shown_again(again: Passage) -> None:
    assert whole(day([of(1, passage(1)), again], [person(1)])) == (1, 1, 0, 0, 0)
    assert whole(day([again], [person(1)])) == (1, 0, 1, 0, 0)


def test_who_was_let_in_by_a_guard_has_passed() -> None:
    people = [person(1), person(2)]
    # The second had no badge: the guard says who it was.
    report = day([refused(1), let_in(1), unmeasured(2), let_in(3, 2)], people)
    assert whole(report) == (2, 2, 0, 0, 0)
    assert report.overrides == 2
    assert report.refused_for == ()


def test_a_guard_lets_in_whom_the_badge_named_whatever_they_type() -> None:
    assert whole(day([refused(1), let_in(1, 2)], [person(1), person(2)])) == (2, 1, 0, 0, 1)


def test_an_open_case_or_an_observation_outweighs_a_pass() -> None:
    people = [person(1), person(2), person(3)]
    cough = step("symptom", 1, symptom="cough", person_id="p-1")
    kept = [step("alarm", 2, person_id="p-2"), step("observation", 2), step("informed", 2, note="mother")]
    contents: list[Content] = [of(1, passage(1)), cough, of(2, fever(2)), *kept, step("closed", 2), of(3, passage(3))]
    report = day(contents, people)
    assert whole(report) == (3, 1, 0, 2, 0)
    assert [(case.person_id, case.state, case.informed) for case in report.open_cases] == [
        ("p-1", "open", 0),
        ("p-2", "observation", 1),
    ]


def test_who_was_released_is_as_their_last_verdict_says() -> None:
    fevered: list[Content] = [
        of(1, fever(1)),
        step("alarm", person_id="p-1"),
        step("contact", contact_c=36.6),
        step("released"),
    ]
    report = day(fevered, [person(1)])
    assert whole(report) == (1, 0, 1, 0, 0)
    assert report.refused_for == (("fever_forehead", 1),)
    assert (report.cases_opened, report.contact_readings, report.released) == (1, 1, 1)
    assert [case.state for case in report.open_cases] == ["released"]
    report = day([*fevered, let_in(1), step("closed")], [person(1)])
    assert whole(report) == (1, 1, 0, 0, 0)
    assert report.open_cases == ()


def test_who_is_under_observation_by_the_roster_is_so_at_home_and_when_turned_away() -> None:
    people = [
        person(1, observation_until=DAY),
        person(2, observation_until=UNTIL_RELEASED),
        person(3, observation_until="2026-01-04"),
    ]
    assert whole(day([refused(2, "under_observation"), of(3, passage(3))], people)) == (3, 1, 0, 2, 0)


def test_a_fever_that_got_its_name_later_is_theirs() -> None:
    alarm = case_step(1, passage_uuid=str(UUID(int=1)))
    named = replace(alarm, step="identified", by="p-1", person_id="p-1")
    assert day([fever(1), alarm], [person(1)]).unidentified == 1
    report = day([fever(1), alarm, named], [person(1)])
    assert whole(report) == (1, 0, 0, 1, 0)
    assert report.unidentified == 0
    assert report.open_cases[0].person_id == "p-1"


def test_visits_without_a_name_badges_without_a_face_and_what_happened_to_the_gate() -> None:
    exits = [GateEvent("exit", "p-1", None, None, ""), GateEvent("exit", None, None, None, "")]
    report = day([passage(1), unmeasured(2), no_face(1), *exits, gate_event(), fever(3)], [person(1)])
    assert (report.visits, report.unidentified, report.badges_without_face) == (4, 3, 1)
    assert report.verdicts == (("pass", 1), ("fever", 1), ("refused", 0), ("not_measured", 2))
    assert report.reasons == (("fever_forehead", 1), ("left_early", 1), ("no_face", 1), ("ok", 1))
    assert report.events == (("exit", 2), ("tamper", 1))
    assert report.records == 7


def test_whom_the_roster_does_not_know_is_named_apart() -> None:
    report = day([of(8, passage(8)), refused(9), of(1, passage(1)), step("alarm", person_id="p-7")], [person(1)])
    assert whole(report) == (1, 1, 0, 0, 0)
    assert report.not_on_roster == ("p-7", "p-8", "p-9")


def test_the_age_of_a_case_runs_from_its_first_step_over_midnight() -> None:
    opened = replace(record(900, step("alarm", person_id="p-1")), seq=1)
    opened = replace(opened, decided=replace(opened.decided, utc_ms=START_MS - 3_600_000))
    assert day([], [person(1)], [opened]).open_cases[0].age_s == 90_000
    ahead = replace(opened, decided=replace(opened.decided, utc_ms=END_MS + 1))
    assert day([], [person(1)], [ahead]).open_cases[0].age_s == 0


def test_records_of_a_clock_that_nobody_had_set_are_counted() -> None:
    lost = record(1, of(1, passage(1)))
    lost = replace(lost, decided=replace(lost.decided, synchronised=False))
    report = of_day(DAY, "gate-1", [lost, record(2, passage(2))], [], [person(1)], END_MS, 12)
    assert report.clock_unknown == 1
    assert report.whole.passed == 1


def test_what_was_written_before_the_clock_was_set_is_dated_by_the_same_boots_later_records() -> None:
    def at(seq: int, utc_ms: int, monotonic_s: float, boot: str, synchronised: bool) -> Record:
        return replace(record(seq, passage(seq)), decided=Stamp(utc_ms, monotonic_s, boot * 8, synchronised))

    behind, jumped = at(1, 1000, 10.0, "a", False), at(2, 5000, 70.5, "a", False)
    told, elsewhere = at(3, START_MS, 100.0, "a", True), at(4, 77, 5.0, "b", False)
    later = at(5, START_MS + 60_000, 200.0, "a", True)
    dated = on_set_clocks([behind, jumped, told, elsewhere, later])
    assert [one.decided.utc_ms for one in dated] == [
        START_MS - 90_000,
        START_MS - 29_500,
        START_MS,
        77,
        START_MS + 60_000,
    ]
    assert [one.uuid for one in dated] == [one.uuid for one in (behind, jumped, told, elsewhere, later)]
    assert on_set_clocks([at(1, 0, 0.0, "a", False), at(2, 5, 1e10, "a", True)])[0].decided.utc_ms == 0


NUMBERS = st.integers(0, 6)
CONTENTS = st.one_of(
    st.builds(lambda n: of(n, passage(n)), NUMBERS),
    st.builds(lambda n: of(n, fever(n)), NUMBERS),
    st.builds(
        lambda n, why: refused(n, *why), NUMBERS, st.sampled_from([("already_in",), ("too_late", "already_in"), ()])
    ),
    st.builds(no_face, NUMBERS),
    st.builds(passage, NUMBERS),
    st.builds(unmeasured, NUMBERS),
    st.builds(let_in, st.integers(0, 30), st.none() | NUMBERS),
    st.builds(gate_event, NUMBERS),
    st.builds(
        lambda name, case, n, seq, by: case_step(
            case,
            step=name,
            by=by,
            person_id=None if n is None else f"p-{n}",
            passage_uuid=None if seq is None else str(UUID(int=seq)),
            contact_c=36.6 if name == "contact" else None,
            note="mother",
            symptom="cough",
        ),
        st.sampled_from(["alarm", "symptom", "identified", "contact", "observation", "informed", "released", "closed"]),
        st.integers(1, 3),
        st.none() | NUMBERS,
        st.none() | st.integers(0, 30),
        st.sampled_from([None, "wang"]),
    ),
)
PEOPLE = st.lists(
    st.builds(
        lambda n, class_id, until: person(n, class_id, observation_until=until),
        st.integers(0, 4),
        st.sampled_from([None, "C1", "C2"]),
        st.sampled_from([None, "2026-01-04", DAY, UNTIL_RELEASED]),
    ),
    unique_by=lambda one: one.person_id,
)


@given(st.lists(CONTENTS, max_size=30), st.lists(CONTENTS, max_size=8), PEOPLE, st.randoms())
def test_every_sum_adds_up_whatever_the_records_say(
    contents: list[Content], before: list[Content], people: list[Person], random: Any
) -> None:
    records = [record(n + 100, content, str(UUID(int=n))) for n, content in enumerate(contents)]
    history = [record(n, content, str(UUID(int=n + 10**6))) for n, content in enumerate(before, 1)]
    report = of_day(DAY, "gate-1", records, history, people, END_MS, 12)
    for tally in (report.whole, *report.classes):
        assert tally.people == tally.passed + tally.refused + tally.in_observation + tally.absent
        assert min(tally.people, tally.passed, tally.refused, tally.in_observation, tally.absent) >= 0
    assert report.whole.people == len(people) == sum(tally.people for tally in report.classes)
    assert report.whole.in_observation == sum(tally.in_observation for tally in report.classes)
    assert sum(count for _, count in report.refused_for) == report.whole.refused
    assert sum(count for _, count in report.verdicts) == report.visits
    assert sum(count for _, count in report.reasons) == report.visits
    assert report.unidentified + report.badges_without_face <= report.visits
    assert not set(report.not_on_roster) & {one.person_id for one in people}
    held = {case.person_id for case in report.open_cases if case.state in ("open", "observation")}
    assert report.whole.in_observation >= len(held & {one.person_id for one in people})
    assert report.is_zero == (not records and not report.open_cases)
    hostile = [*records, *records[::2]]
    random.shuffle(hostile)
    assert of_day(DAY, "gate-1", hostile, history[::-1], people[::-1], END_MS, 12) == report


def test_gates_of_one_school_are_merged_by_time_and_each_keeps_its_own_order() -> None:
    def at(gate_id: str, seq: int, minute: int, content: Content) -> Record:
        there = replace(record(seq, content, str(UUID(int=seq + 100 * len(gate_id)))), gate_id=gate_id)
        return replace(there, decided=replace(there.decided, utc_ms=START_MS + minute * 60_000))

    people = [person(1), person(2)]
    # The gate whose name comes first spoke last, about the first; the second was let in before a clock was set back.
    records = [
        at("west", 1, 10, refused(1)),
        at("a", 1, 20, of(1, passage(1))),
        at("a", 2, 30, refused(2)),
        at("a", 3, 5, of(2, passage(2))),
    ]
    report = of_day(DAY, "school", records, [], people, END_MS, 12)
    assert whole(report) == (2, 2, 0, 0, 0)
    turned = [at("west", 1, 40, refused(1)), at("a", 1, 20, of(1, passage(1)))]
    assert whole(of_day(DAY, "school", turned, [], people, END_MS, 12)) == (2, 0, 1, 0, 1)
