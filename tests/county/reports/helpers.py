"""What the tests of the daily reports share: schools with people, gates, and records of a morning."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from county.core.day import local_day
from county.gates.models import Gate, Record
from county.rosters.changing import change_roll
from edge.core import record as wire
from edge.core.contents import CaseStep, Content, Override, Passage, kind_of
from edge.core.roster import EntryWindow, Person
from tests.county.records import FEVER, PASSED, a_record

SCHOOL = "第一小学"
# 2026-03-02, a Monday; the morning of tests/county/records.py.
MORNING = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
DAY = "2026-03-02"


def make_gate(gate_id: str = "G1", school: str = SCHOOL, seen: datetime | None = MORNING, **changes: Any) -> Gate:
    """A gate as if it had enrolled long ago."""
    told = {"name": gate_id, "created_at": MORNING - timedelta(days=200), "last_seen_at": seen, **changes}
    return Gate.objects.create(gate_id=gate_id, school=school, **told)


def make_roster(people: int = 4, school: str = SCHOOL, **changes: Any) -> None:
    """p-1 to p-n, two to a class (C1, C2 …); changes: of everybody."""

    def edit(roll: Any) -> Any:
        ones = [
            replace(Person(f"p-{n}", f"学生{n}", "pupil", f"C{(n + 1) // 2}", (f"B{n}",), True, None, True), **changes)
            for n in range(1, people + 1)
        ]
        named = {one.class_id: f"三年级{one.class_id}班" for one in ones if one.class_id is not None}
        windows = {key: EntryWindow(key, name, 0, 1440) for key, name in named.items()}
        return replace(roll, people={one.person_id: one for one in ones}, classes=windows)

    change_roll(school, "教务处", MORNING, edit)


def keep(gate: Gate, content: Content, seq: int, at: datetime = MORNING, clock_ok: bool = True, **changes: Any) -> UUID:
    """A record of this content as the county keeps it once it has arrived; its uuid."""
    record = a_record(seq, gate_id=gate.gate_id, utc_ms=round(at.timestamp() * 1000), content=content)
    parts = wire.split(wire.canonical_bytes(record))
    row = {
        "uuid": UUID(record.uuid),
        "sha256": wire.sha256(parts.link),
        "previous_sha256": record.previous_sha256,
        "link": parts.link,
        "sealed": parts.sealed,
        "signature": parts.signature,
        "boot_id": record.decided.boot_id,
        "monotonic_s": record.decided.monotonic_s,
        "received_at": at,
        "counted_at": at,
        "counted_on": local_day(at, timezone.get_default_timezone()),
        "clock_ok": clock_ok,
        "kind": kind_of(content),
        **_columns(content),
    }
    Record.objects.create(gate=gate, seq=seq, **{**row, **changes})
    Gate.objects.filter(pk=gate.pk).update(records=F("records") + 1, highest_seq=Greatest(F("highest_seq"), seq))
    return UUID(record.uuid)


def keep_all(gate: Gate, contents: Sequence[Content], at: datetime = MORNING, first: int = 1) -> list[UUID]:
    """One record a second from `at`, numbered from `first`."""
    return [keep(gate, one, first + n, at + timedelta(seconds=n)) for n, one in enumerate(contents)]


def by(n: int, passage: Passage = PASSED) -> Passage:
    """This passage, by the n-th of the roster."""
    return replace(passage, person_id=f"p-{n}")


def hot(n: int) -> Passage:
    """The n-th of the roster has a fever."""
    return by(n, FEVER)


def _columns(content: Content) -> dict[str, Any]:
    if isinstance(content, Passage):
        seen = content.measurement
        return {
            "person_id": content.person_id or "",
            "verdict": content.verdict,
            "reasons": ",".join(content.reasons),
            "identified": content.identified,
            "finding": "" if seen is None else seen.finding,
        }
    if isinstance(content, Override | CaseStep):
        about = content.passage_uuid
        return {"person_id": content.person_id or "", "passage_uuid": None if about is None else UUID(about)}
    return {}
