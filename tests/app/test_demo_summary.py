"""The end of a demo: every person is looked for in the gate's file, every record before the gate and at the county."""

import re
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.adapters.store_sqlite import SqliteStore
from edge.app.demo_cast import EXPECTED
from edge.app.demo_summary import Kept, Truth, match, read_records, summary
from edge.core.contents import CaseStep, Content, Means, Override, Passage, Verdict
from edge.core.errors import StoreError
from edge.core.record import Record, fingerprint
from tests.fakes.passages import everything, passage, stamp, unmeasured
from tests.fakes.signing import SIGNER, bytes_of


def person(t_first_s: float, t_last_s: float, forehead_c: float = 35.0) -> Truth:
    return Truth(f"p{t_first_s:g}", t_first_s, t_last_s, forehead_c)


def kept(seq: int, t_first_s: float, t_last_s: float, forehead_c: float | None = 35.0) -> Kept:
    made = unmeasured(reason="too_far") if forehead_c is None else passage(forehead_c=forehead_c)
    assert made.measurement is not None
    return record_of(seq, replace(made, measurement=replace(made.measurement, t_first_s=t_first_s, t_last_s=t_last_s)))


def record_of(seq: int, content: Content) -> Kept:
    record = Record(str(UUID(int=seq)), "gate-1", seq, stamp(seq), content, "0.1.0", "none")
    return Kept(record, fingerprint(bytes_of(record)))


def at_county(records: list[Kept]) -> dict[str, str]:
    return {one.record.uuid: one.sha256 for one in records}


PEOPLE = [person(0, 3, 35.0), person(4, 7, 36.5), person(8, 11, 35.2)]
RECORDS = [kept(1, 0.5, 2.5, 35.1), kept(2, 4.5, 7.2, 36.3), kept(3, 8.1, 10, None)]


def test_everybody_at_the_county_with_the_errors_of_their_readings() -> None:
    told = summary(PEOPLE, RECORDS, at_county(RECORDS), 100.0)
    assert told.nobody_lost
    assert "nobody was lost" in told.text
    assert "mean -0.05 K" in told.text
    assert "SD 0.21 K" in told.text
    assert "worst -0.20 K" in told.text
    counts = [line.split()[-1] for line in told.text.splitlines() if line.startswith("  ")]
    assert counts == ["2", "0", "0", "1"]


@pytest.mark.parametrize(
    ("people", "records", "there", "told"),
    [
        (PEOPLE, RECORDS[:2], RECORDS, "people without a record: p8"),
        (PEOPLE[:2], RECORDS, RECORDS, "records without a person: #3"),
        (PEOPLE, RECORDS, RECORDS[1:], "not at the county: #1"),
    ],
)
def test_whoever_is_missing_is_named(people: list[Truth], records: list[Kept], there: list[Kept], told: str) -> None:
    result = summary(people, records, at_county(there), 100.0)
    assert not result.nobody_lost
    assert told in result.text
    assert "SOMEBODY WAS LOST" in result.text


def test_a_demo_without_people_proves_nothing_and_does_not_say_that_it_does() -> None:
    result = summary([], [], {}, 100.0)
    assert not result.nobody_lost
    assert "nothing is proved" in result.text
    assert "LOST" not in result.text


def test_who_was_still_there_when_the_gate_stopped_is_no_stranger() -> None:
    result = summary(PEOPLE[:2], RECORDS, at_county(RECORDS), 11.0)
    assert result.nobody_lost
    assert "still before the gate at the end: #3" in result.text


def test_a_record_that_the_county_has_with_other_bytes_is_missing() -> None:
    result = summary(PEOPLE, RECORDS, {**at_county(RECORDS), RECORDS[1].record.uuid: "0" * 64}, 100.0)
    assert "not at the county: #2" in result.text


def test_records_of_anything_but_people_stand_for_nobody_and_must_be_at_the_county_too() -> None:
    others = [record_of(4 + n, content) for n, content in enumerate(everything().values()) if n > 0]
    badge = record_of(9, replace(passage(), measurement=None, verdict="refused", reasons=("no_face",)))
    records = [*RECORDS, *others, badge]
    assert summary(PEOPLE, records, at_county(records), 100.0).nobody_lost
    assert "not at the county: #5, #6, #7, #9" in summary(PEOPLE, records, at_county(RECORDS), 100.0).text


def test_one_record_does_not_stand_for_two_people() -> None:
    assert match([person(0, 3), person(2, 6)], [kept(1, 0, 6)]) == {1: 0}


SPANS = st.lists(st.tuples(st.floats(0, 50), st.floats(0.1, 10)), max_size=6)


@given(SPANS, SPANS)
def test_pairs_are_one_to_one_and_were_there_together(
    people: list[tuple[float, float]], records: list[tuple[float, float]]
) -> None:
    truths = [person(start_s, start_s + length_s) for start_s, length_s in people]
    files = [kept(n + 1, start_s, start_s + length_s) for n, (start_s, length_s) in enumerate(records)]
    pairs = match(truths, files)
    assert len(set(pairs.values())) == len(pairs)
    for i, j in pairs.items():
        seen = files[j].seen
        assert seen is not None
        assert min(truths[i].t_last_s, seen.t_last_s) > max(truths[i].t_first_s, seen.t_first_s)


def test_records_are_read_from_the_gate_s_file(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "r.sqlite", "gate-1", "0.1.0", "none", SIGNER)) as store:
        written = [store.append(passage(n), stamp(n)) for n in range(3)]
        assert [one.record for one in read_records(tmp_path / "r.sqlite")] == written
    with pytest.raises(StoreError, match="cannot read the records"):
        read_records(tmp_path / "none.sqlite")


NUMBER = 12
BADGE, THEIRS = f"K{NUMBER:04d}", f"S{NUMBER:04d}"


def guest(kind: str, badge: str | None = BADGE, fever: bool = False) -> Truth:
    """Somebody with a part, who was there from 0 to 3 s."""
    return Truth("p0", 0, 3, 38.0 if fever else 35.0, fever, kind, badge)


def told(
    verdict: Verdict,
    reason: str,
    person_id: str | None = THEIRS,
    seq: int = 1,
    clock: bool = True,
    means: Means = "card",
) -> Kept:
    """The record of that person."""
    made = kept(seq, 0.5, 2.5).record
    assert isinstance(made.content, Passage)
    content = replace(made.content, verdict=verdict, reasons=(reason,), person_id=person_id, means=means)
    record = replace(made, content=content, decided=replace(made.decided, monotonic_s=2.5, synchronised=clock))
    return Kept(record, made.uuid)


def at_desk(content: Content, t_s: float) -> Kept:
    one = record_of(2, content)
    return replace(one, record=replace(one.record, decided=replace(one.record.decided, monotonic_s=t_s)))


RIGHT = [
    (guest("after"), told("pass", "ok")),
    (guest("before"), told("pass", "ok")),
    (guest("not_approved"), told("refused", "not_approved")),
    (guest("forgotten", None), told("refused", "no_badge", None)),
    (guest("unknown", "X0012"), told("refused", "outsider", None)),
    (guest("off_hours"), told("refused", "too_early")),
    (guest("off_hours"), told("refused", "too_late")),
    (guest("off_hours"), told("pass", "ok", clock=False)),
    (guest("no_record"), told("refused", "no_health_record")),
    (guest("not_approved", fever=True), told("fever", "fever_forehead")),
    (guest("after", fever=True), told("fever", "fever_forehead", None)),
]


@pytest.mark.parametrize(("truth", "record"), RIGHT)
def test_the_verdict_that_is_right_is_counted_under_its_kind(truth: Truth, record: Kept) -> None:
    result = summary([truth], [record], at_county([record]), 100.0)
    assert result.all_is_well
    assert re.search(r"the verdict that is right +1 / 1\n", result.text)


def test_every_kind_of_guest_is_judged() -> None:
    assert {truth.kind for truth, _ in RIGHT} == EXPECTED.keys()


@pytest.mark.parametrize(
    ("truth", "record"),
    [
        (guest("not_approved"), told("pass", "ok")),
        (guest("after"), told("not_measured", "too_far")),
        (guest("after"), told("pass", "ok", "S0099")),
        (guest("forgotten", None), told("refused", "no_badge", "S0099")),
        (guest("no_record"), told("refused", "not_approved")),
        (guest("off_hours"), told("pass", "ok")),
        (guest("after", fever=True), told("pass", "ok")),
        (guest("after", fever=True), told("fever", "fever_forehead", "S0099")),
    ],
)
def test_any_other_verdict_name_or_reason_is_told_and_all_is_not_well(truth: Truth, record: Kept) -> None:
    result = summary([truth], [record], at_county([record]), 100.0)
    assert (result.nobody_lost, result.as_expected, result.all_is_well) == (True, False, False)
    assert "NOT THE VERDICT THAT IS RIGHT" in result.text
    assert "0 / 1" in result.text


def test_a_badge_that_found_nobody_is_told_unless_a_guard_typed_it() -> None:
    lost = told("not_measured", "no_face", seq=2)
    assert isinstance(lost.record.content, Passage)
    lost = replace(lost, record=replace(lost.record, content=replace(lost.record.content, measurement=None)))
    records = [told("pass", "ok"), lost]
    result = summary([guest("after")], records, at_county(records), 100.0)
    assert not result.as_expected
    assert "found nobody: #2" in result.text
    assert isinstance(lost.record.content, Passage)
    typed = replace(lost, record=replace(lost.record, content=replace(lost.record.content, means="typed")))
    records = [told("pass", "ok"), typed]
    assert summary([guest("after")], records, at_county(records), 100.0).all_is_well


LET_IN = Override(str(UUID(int=1)), None, "demo", "known_person", "")
RELEASED = CaseStep(str(UUID(int=9)), "released", THEIRS, None, "demo", None, None, "")
NAMED = CaseStep(str(UUID(int=9)), "identified", THEIRS, None, THEIRS, None, None, "")
BY_ITSELF = CaseStep(str(UUID(int=9)), "alarm", THEIRS, None, None, None, None, "")


@pytest.mark.parametrize(
    ("others", "judged"),
    [
        ([at_desk(LET_IN, 2.0)], False),
        ([at_desk(LET_IN, 60.0)], True),
        ([at_desk(replace(LET_IN, person_id=THEIRS), -60.0)], False),
        ([at_desk(replace(LET_IN, person_id="S0099"), -60.0)], True),
        ([at_desk(RELEASED, -60.0)], False),
        ([at_desk(BY_ITSELF, 2.0)], True),
        ([at_desk(NAMED, 2.0)], True),
    ],
)
def test_where_a_guard_had_a_hand_in_it_nothing_is_compared(others: list[Kept], judged: bool) -> None:
    records = [told("pass", "ok"), *others]
    result = summary([guest("not_approved")], records, at_county(records), 100.0)
    assert result.as_expected is not judged
    assert ("a guard had a hand in it" in result.text) is not judged


def test_a_badge_that_a_guard_typed_is_not_compared() -> None:
    record = told("pass", "ok", means="typed")
    assert summary([guest("forgotten", None)], [record], at_county([record]), 100.0).all_is_well
