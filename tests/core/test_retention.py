"""What has had its time, and what is needed all the same."""

from uuid import UUID

from edge.core.contents import CaseStep
from edge.core.record import Record, Stamp
from edge.core.retention import DAY_MS, limit_utc_ms, still_needed
from tests.fakes.clock import BOOT_ID
from tests.fakes.passages import case_step, stamp

NOW_MS = 1_767_600_000_000


def test_the_limit_is_so_many_days_ago_by_a_clock_that_is_set() -> None:
    assert limit_utc_ms(Stamp(NOW_MS, 1.0, BOOT_ID, True), 30) == NOW_MS - 30 * DAY_MS
    assert limit_utc_ms(Stamp(NOW_MS, 1.0, BOOT_ID, False), 30) is None
    assert limit_utc_ms(Stamp(5, 1.0, BOOT_ID, True), 30) == 0


def record(n: int, step: CaseStep) -> Record:
    return Record(str(UUID(int=500 + n)), "gate-1", n, stamp(n), step, "1", "c")


def test_an_open_case_is_needed_with_its_passage_and_a_closed_one_is_not() -> None:
    opened = [record(1, case_step(1)), record(2, case_step(2)), record(3, case_step(1, step="contact", by="g"))]
    assert still_needed(opened) == {*(one.uuid for one in opened), str(UUID(int=1)), str(UUID(int=2))}
    ends = [
        case_step(1, step=step, by="g", contact_c=36.5 if step == "contact" else None)
        for step in ("identified", "contact", "informed", "released", "closed")
    ]
    steps = [*opened[:2], *(record(10 + n, step) for n, step in enumerate(ends))]
    assert still_needed(steps) == {opened[1].uuid, str(UUID(int=2))}
    assert still_needed([]) == frozenset()
