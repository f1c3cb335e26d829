"""Writes a record down, once: the only place where records enter the county's database."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from county.core import problems
from county.core.day import counted, local_day
from county.core.problems import Problem
from county.gates.models import Gate, Record
from edge.core import record as wire
from edge.core.contents import CaseStep, Content, GateEvent, Override, Passage, kind_of


def store(gate: Gate, record: wire.Record, body: bytes, now: datetime) -> Literal["created", "already"] | Problem:
    """Keep a record of this gate; returns once it is on disk. The gate counts as seen at `now`, whatever comes out.

    "already": the same bytes are kept. Problem: others are, under this uuid or this sequence number.
    django.db.DatabaseError: nothing was stored.
    """
    # durable: the answer may only go out after this very transaction's commit, so it must be the outermost one.
    # It begins IMMEDIATE (settings): two who bring the same record stand in line, the second finds the first's.
    with transaction.atomic(durable=True):
        outcome = _standing(gate, record, body) or _insert(gate, record, body, now)
        seen(gate, now)
        return outcome


def seen(gate: Gate, now: datetime) -> None:
    """The gate has shown itself."""
    Gate.objects.filter(pk=gate.pk).update(last_seen_at=now)


def _standing(gate: Gate, record: wire.Record, body: bytes) -> Literal["already"] | Problem | None:
    same_uuid = Record.objects.filter(uuid=UUID(record.uuid)).values_list("body", flat=True).first()
    if same_uuid is not None:
        return "already" if bytes(same_uuid) == body else problems.UUID_TAKEN
    return problems.SEQ_TAKEN if Record.objects.filter(gate=gate, seq=record.seq).exists() else None


def _insert(gate: Gate, record: wire.Record, body: bytes, now: datetime) -> Literal["created"]:
    when = counted(record.decided.utc_ms, record.decided.synchronised, now)
    Record.objects.create(
        uuid=UUID(record.uuid),
        gate=gate,
        seq=record.seq,
        sha256=wire.fingerprint(body),
        body=body,
        received_at=now,
        counted_at=when.at,
        counted_on=local_day(when.at, timezone.get_default_timezone()),
        clock_ok=when.clock_ok,
        kind=kind_of(record.content),
        **_columns(record.content),
    )
    Gate.objects.filter(pk=gate.pk).update(records=F("records") + 1, highest_seq=Greatest(F("highest_seq"), record.seq))
    return "created"


def _columns(content: Content) -> dict[str, Any]:
    match content:
        case Passage(measurement=seen):
            return {
                "person_id": content.person_id or "",
                "verdict": content.verdict,
                "reasons": ",".join(content.reasons),
                "identified": content.identified,
                "finding": "" if seen is None else seen.finding,
                "forehead_c": None if seen is None else seen.forehead_c,
                "u_c": None if seen is None else seen.u_c,
            }
        case Override():
            return {"person_id": content.person_id or "", "passage_uuid": UUID(content.passage_uuid)}
        case CaseStep(passage_uuid=about):
            return {"person_id": content.person_id or "", "passage_uuid": None if about is None else UUID(about)}
        case GateEvent():
            return {}
