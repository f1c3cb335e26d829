"""Whose record is it: the day's sums of `make soak`."""

from dataclasses import replace

from edge.adapters.camera_sim import PersonTruth
from edge.core.contents import Measurement
from edge.core.record import Record, Stamp
from tests.fakes.clock import BOOT_ID
from tests.fakes.passages import passage
from tools.soak import sums


def person(number: int, first_s: float, last_s: float, forehead_c: float) -> PersonTruth:
    return PersonTruth(number, first_s, last_s, forehead_c, False, False, ())


def record(seq: int, first_s: float, last_s: float, forehead_c: float = 34.5) -> Record:
    made = passage(seq, forehead_c=forehead_c)
    assert isinstance(made.measurement, Measurement)
    content = replace(made, measurement=replace(made.measurement, t_first_s=first_s, t_last_s=last_s))
    stamp = Stamp(1_767_600_000_000, last_s, BOOT_ID.format(0), True)
    return Record(f"00000000-0000-4000-8000-{seq:012d}", "gate-1", seq, stamp, content, "1", "u")


LEAVING, COMING = person(1, 10.0, 14.0, 34.5), person(2, 13.2, 17.0, 35.1)


def test_everybody_has_their_own() -> None:
    found = sums([record(1, 10.5, 12.0), record(2, 14.0, 15.0)], [LEAVING, COMING], ())
    assert (found.measured, found.twice, found.unseen, found.nobodys) == (2, 0, (), ())


def test_who_is_measured_while_the_one_before_still_leaves_has_a_record() -> None:
    found = sums([record(1, 10.5, 12.0), record(2, 13.3, 13.9, 35.0)], [LEAVING, COMING], ())
    assert (found.measured, found.twice, found.unseen) == (2, 0, ())


def test_two_taken_for_one_leave_one_unseen() -> None:
    found = sums([record(1, 10.5, 16.5)], [LEAVING, COMING], ())
    assert len(found.unseen) == 1
    assert found.measured == 1


def test_one_taken_for_two_has_two_records() -> None:
    for again in (record(2, 12.2, 13.0), record(2, 13.3, 13.9, 34.6)):
        found = sums([record(1, 10.5, 12.0), again], [LEAVING, COMING], ())
        assert (found.twice, found.unseen) == (1, (COMING,))


def test_a_record_of_nobody_is_named() -> None:
    stranger = record(1, 30.0, 31.0)
    assert sums([stranger], [LEAVING, COMING], ()).nobodys == (stranger,)


def test_who_stood_there_while_the_camera_was_away_is_not_missed() -> None:
    assert sums([], [LEAVING, COMING], [(9.0, 18.0)]).unseen == ()
