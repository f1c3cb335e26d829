"""The morning: parts are dealt out as promised, what does not add up is found, and a small one adds up."""

from collections import Counter
from dataclasses import replace

import pytest

from county.core.roster_csv import read_table
from edge.adapters.camera_sim import PersonTruth
from edge.core.contents import Measurement, Passage
from edge.core.record import Record, Stamp
from edge.core.report import of_day
from edge.core.roster import Person
from tools import morning_sums as sums
from tools.morning import main
from tools.morning_lane import BOOT_ID, Coming
from tools.morning_school import SLOTS, Errand, Pupil, School, school

CAST = school(1160, 2, 30.0, 1)


def test_the_shares_of_the_morning_are_those_that_were_asked_for() -> None:
    coming = [one for one in CAST.pupils if one.person_id not in CAST.absent]
    parts = Counter(one.part for one in coming)
    assert len(coming) == 1160
    assert parts["fever"] == 12
    assert parts["not_approved"] == 35
    assert parts["forgotten"] + parts["typed"] == 58
    assert parts["pair"] == 20
    assert min(parts[part] for part in ("hat", "returns", "lent", "owner", "observed", "too_early", "too_late")) >= 1


def test_everybody_who_comes_has_one_errand_in_time_and_in_their_lane() -> None:
    errands = [one for errand in CAST.errands for one in (errand, errand.beside) if one is not None]
    coming = {one.person_id for one in CAST.pupils} - CAST.absent | {one.person_id for one in CAST.outsiders}
    assert Counter(one.pupil.person_id for one in errands) == Counter(coming)
    assert [one.comes_s for one in CAST.errands] == sorted(one.comes_s for one in CAST.errands)
    assert 0 < CAST.errands[0].comes_s < CAST.errands[-1].comes_s < 30 * 60
    for one in errands:
        if one.beside is not None:
            assert one.beside.pupil.class_name == one.pupil.class_name
        if one.pupil.class_name is None:
            continue
        first_min, last_min = CAST.windows[one.pupil.class_name]
        minute = 7 * 60 + int(one.comes_s // 60)
        early, late = minute < first_min, minute > last_min
        assert (early, late) == (one.pupil.part == "too_early", one.pupil.part == "too_late")


def test_the_offices_table_is_one_that_the_county_reads() -> None:
    rows = read_table(CAST.table().encode()).rows
    assert [row.person_id for row in rows] == [one.person_id for one in CAST.pupils]
    assert len({one.class_name for one in CAST.pupils}) == 2 * SLOTS


ANNE, BORIS = (Pupil(n, f"S{n}", f"B{n}", "1年级1组", 0, "ordinary") for n in (1, 2))
FOREHEAD_C = {1: 34.6, 2: 35.4}


def coming(pupil: Pupil, came_s: float) -> Coming:
    return Coming(Errand(came_s, pupil, pupil.badge, pupil.person_id, True), pupil.number, came_s, came_s + 2, "pass")


def truth(*comings: Coming) -> sums.LaneTruth:
    people = {
        one.number: PersonTruth(
            one.number, one.came_s, one.left_s + 0.5, FOREHEAD_C[one.errand.pupil.number], False, True, ()
        )
        for one in comings
    }
    return sums.LaneTruth(comings, people)


def passage(seq: int, person_id: str, t_s: float, forehead_c: float, verdict: str = "pass") -> Record:
    measured = Measurement(t_s, t_s + 1, 8, forehead_c, 35.0, 0.1, 33.0, 35.5, 37.0, 35.9, "pass", "ok")
    reasons = ("ok",) if verdict == "pass" else ("two_at_once",)
    content = Passage(measured, "known", person_id, "card", 1, None, verdict, reasons)  # type: ignore[arg-type]  # of the four
    stamp = Stamp(1_767_600_000_000, t_s + 1, BOOT_ID.format(0), True)
    return Record(f"00000000-0000-4000-8000-{seq:012d}", "lane-1", seq, stamp, content, "1", "u")


def found(*records: Record) -> list[str]:
    one, other = coming(ANNE, 10.0), coming(BORIS, 13.0)
    people = truth(one, other)
    cast = School(1, 1.0, {}, (ANNE, BORIS), frozenset(), (), ())
    return sums.faults(cast, sums.visits(records, people), [people])


def test_everybody_with_one_right_verdict_is_no_fault() -> None:
    assert found(passage(1, "S1", 11.0, 34.62), passage(2, "S2", 14.0, 35.37)) == []


def test_a_visit_before_the_last_may_have_been_one_of_two_at_once() -> None:
    again = passage(1, "S1", 10.2, 34.6, "refused"), passage(2, "S1", 11.0, 34.62), passage(3, "S2", 14.0, 35.37)
    assert found(*again) == []


def test_who_is_measured_under_their_name_is_not_the_nameless_one_beside_them() -> None:
    # By its temperature alone the nameless forehead would be the named one's.
    beside = coming(ANNE, 10.0), coming(BORIS, 10.1)
    own, nameless = passage(1, "S2", 11.0, 35.1), passage(2, "S1", 11.2, 35.1, "refused")
    assert isinstance(nameless.content, Passage)
    nameless = replace(nameless, content=replace(nameless.content, identified="no_badge", person_id=None, means=None))
    whose = [one.coming for one in sums.visits([own, nameless], truth(*beside))]
    assert whose == [beside[1], beside[0]]


@pytest.mark.parametrize(
    ("records", "fault"),
    [
        ([passage(1, "S1", 11.0, 34.6)], "S2 (ordinary): no verdict at all"),
        ([passage(1, "S1", 11.0, 34.6), passage(2, "S1", 14.0, 35.4)], "S2 (ordinary): taken for S1"),
        ([passage(1, "S1", 11.0, 35.4), passage(2, "S2", 14.0, 35.4)], "S1: read +0.80 K from their forehead"),
        (
            [passage(1, "S1", 11.0, 34.6), passage(2, "S1", 11.5, 34.6), passage(3, "S2", 14.0, 35.4)],
            "S1 (ordinary): let in 2 times",
        ),
        ([passage(1, "S1", 11.0, 34.6), passage(2, "S2", 40.0, 35.4)], "#2 of lane-1: nobody was there"),
    ],
)
def test_what_is_wrong_is_found(records: list[Record], fault: str) -> None:
    assert fault in found(*records)


def test_a_verdict_that_is_not_the_right_one_is_found() -> None:
    wrong = found(passage(1, "S1", 11.0, 34.6, "refused"), passage(2, "S2", 14.0, 35.4))
    assert [line.split(":")[0] for line in wrong] == ["S1 (ordinary)"]


def test_a_report_that_counts_otherwise_than_the_parts_is_found() -> None:
    cast = School(1, 1.0, {}, (ANNE, BORIS), frozenset({"S2"}), (), ())
    people = [Person(one.person_id, "甲", "pupil", "C1", (one.badge,), True, None, True) for one in (ANNE, BORIS)]
    right = of_day("2026-01-05", "lane-1", [passage(1, "S1", 11.0, 34.6)], (), people, 1_767_600_000_000, 1)
    assert sums.report_faults(cast, right) == []
    assert sums.report_faults(cast, replace(right, whole=replace(right.whole, passed=2))) != []
    both = [passage(1, "S1", 11.0, 34.6), passage(2, "S2", 14.0, 35.4)]
    more = of_day("2026-01-05", "lane-1", both, (), people, 1_767_600_000_000, 1)
    assert "the report counts 2 passed, not 1" in sums.report_faults(cast, more)


@pytest.mark.system
def test_a_small_morning_through_the_whole_service_adds_up() -> None:
    said: list[str] = []
    assert main(["--people", "24", "--lanes", "1", "--minutes", "2"], said.append) == 0, "\n".join(said)
    assert any(line.startswith("全体 / everybody") for line in said)
