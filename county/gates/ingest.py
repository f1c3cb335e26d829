"""Writes records down, once: the only place where records enter the county's database.

Each record of a batch is looked at by itself: what is wrong with one keeps no other from being stored. What is stored,
is stored in one transaction, and the answer goes out after its commit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from county.core import problems
from county.core.day import local_day
from county.core.problems import Problem
from county.database import writing
from county.gates import anomalies, dating, gaps, keys
from county.gates.models import Boot, Gate, LodgedHead, Record
from edge.core import record as wire
from edge.core.contents import CaseStep, Content, GateEvent, Override, Passage, kind_of
from edge.core.errors import RecordError
from edge.core.record import Verify

# What contradicts what is kept, and so is evidence; the rest is bytes that nobody understands.
_EVIDENCE = {"bad_signature", "other_gate", "uuid_taken", "seq_taken", "broken_chain"}


@dataclass(frozen=True, slots=True)
class Taken:
    """A record that is kept: stored now, or there already."""

    uuid: str
    sha256: str
    status: Literal["created", "already"]


@dataclass(frozen=True, slots=True)
class _Arrived:
    record: wire.Record
    parts: wire.Parts
    sha256: str
    body: bytes


@dataclass(slots=True)
class _Around:
    """What is kept of a gate near the records that have arrived, and grows as they are taken.

    by_seq: a record's own fingerprint and that of the one before it; heads: fingerprints that were lodged.
    """

    by_uuid: dict[UUID, str]
    by_seq: dict[int, tuple[str, str]]
    heads: dict[int, set[str]]
    boots: dict[str, Boot]
    new: list[Record] = field(default_factory=list)


def store(gate: Gate, lines: Sequence[bytes], now: datetime) -> list[Taken | Problem]:
    """Keep the records in these lines; one outcome for each, in order. The gate counts as seen at `now`.

    Returns once all is on disk. django.db.DatabaseError: nothing was stored.
    """
    verify = keys.verifier(gate)
    outcomes: list[_Arrived | Taken | Problem] = [_read(gate, line, verify) for line in lines]
    # durable: the answer may only go out after this very transaction's commit, so it must be the outermost one.
    with writing(), transaction.atomic(durable=True):
        # Two who bring the same record stand in line, the second finds the first's. On SQLite they do already.
        Gate.objects.select_for_update().get(pk=gate.pk)
        arrived = sorted(
            ((at, one) for at, one in enumerate(outcomes) if isinstance(one, _Arrived)),
            key=lambda item: item[1].record.seq,
        )
        dating.learn_boots(gate, (one.record.decided for _, one in arrived), now)
        around = _around(gate, [one for _, one in arrived])
        for at, one in arrived:
            outcomes[at] = _take(gate, one, around, now)
        _write(gate, around.new, now)
        for at, outcome in enumerate(outcomes):
            if isinstance(outcome, Problem) and outcome.code in _EVIDENCE:
                _note(gate, outcome, lines[at], now)
    return [outcome for outcome in outcomes if not isinstance(outcome, _Arrived)]


def seen(gate: Gate, now: datetime) -> None:
    """The gate has shown itself."""
    Gate.objects.filter(pk=gate.pk).update(last_seen_at=now)


def _read(gate: Gate, body: bytes, verify: Verify) -> _Arrived | Problem:
    try:
        record = wire.parse(body)
        parts = wire.split(body)
    except RecordError as error:
        return problems.not_a_record(error.zh, error.en)
    if record.gate_id != gate.gate_id:
        return problems.other_gate(record.gate_id, gate.gate_id)
    if not wire.is_signed(parts, verify):
        return problems.BAD_SIGNATURE
    return _Arrived(record, parts, wire.sha256(parts.link), body)


def _around(gate: Gate, arrived: Sequence[_Arrived]) -> _Around:
    seqs = {one.record.seq for one in arrived}
    near = {seq + step for seq in seqs for step in (-1, 0, 1)}
    kept = Record.objects.filter(gate=gate, seq__in=list(near)).values_list("seq", "sha256", "previous_sha256")
    heads: dict[int, set[str]] = {}
    for seq, sha256 in LodgedHead.objects.filter(gate=gate, seq__in=list(seqs)).values_list("seq", "sha256"):
        heads.setdefault(seq, set()).add(sha256)
    uuids = [UUID(one.record.uuid) for one in arrived]
    boots = Boot.objects.filter(gate=gate, boot_id__in=list({one.record.decided.boot_id for one in arrived}))
    return _Around(
        by_uuid=dict(Record.objects.filter(pk__in=uuids).values_list("uuid", "sha256")),
        by_seq={seq: (sha256, before) for seq, sha256, before in kept},
        heads=heads,
        boots={boot.boot_id: boot for boot in boots},
    )


def _take(gate: Gate, one: _Arrived, around: _Around, now: datetime) -> Taken | Problem:
    record, uuid = one.record, UUID(one.record.uuid)
    if uuid in around.by_uuid:
        # The link's fingerprint covers the content's.
        return Taken(record.uuid, one.sha256, "already") if around.by_uuid[uuid] == one.sha256 else problems.UUID_TAKEN
    if record.seq in around.by_seq:
        return problems.SEQ_TAKEN
    before, after = around.by_seq.get(record.seq - 1), around.by_seq.get(record.seq + 1)
    follows = before is None or before[0] == record.previous_sha256
    is_followed = after is None or after[1] == one.sha256
    as_lodged = around.heads.get(record.seq, {one.sha256}) == {one.sha256}
    if not (follows and is_followed and as_lodged):
        return problems.BROKEN_CHAIN
    around.by_uuid[uuid] = one.sha256
    around.by_seq[record.seq] = (one.sha256, record.previous_sha256)
    around.new.append(_row(gate, one, around.boots, now))
    return Taken(record.uuid, one.sha256, "created")


def _row(gate: Gate, one: _Arrived, boots: dict[str, Boot], now: datetime) -> Record:
    record = one.record
    when = dating.when(record.decided, boots, now)
    return Record(
        uuid=UUID(record.uuid),
        gate=gate,
        seq=record.seq,
        sha256=one.sha256,
        previous_sha256=record.previous_sha256,
        link=one.parts.link,
        sealed=one.parts.sealed,
        signature=one.parts.signature,
        boot_id=record.decided.boot_id,
        monotonic_s=record.decided.monotonic_s,
        received_at=now,
        counted_at=when.at,
        counted_on=local_day(when.at, timezone.get_default_timezone()),
        clock_ok=when.clock_ok,
        kind=kind_of(record.content),
        **_columns(record.content),
    )


def _write(gate: Gate, new: list[Record], now: datetime) -> None:
    Record.objects.bulk_create(new)
    if not new:
        seen(gate, now)
        return
    highest = max(record.seq for record in new)
    gate.refresh_from_db(fields=["highest_seq", "complete_to"])
    gate.highest_seq = max(gate.highest_seq, highest)
    gate.complete_to = gaps.complete_to(gate)
    Gate.objects.filter(pk=gate.pk).update(
        records=F("records") + len(new),
        highest_seq=gate.highest_seq,
        complete_to=gate.complete_to,
        last_seen_at=now,
    )


def _note(gate: Gate, problem: Problem, body: bytes, now: datetime) -> None:
    if problem.code == "other_gate":
        # A gate under a wrong name sends nothing else: once is enough to know it.
        anomalies.note(gate, problem.code, now, body=body)
        return
    link = wire.parse_link(wire.split(body).link)
    sha256 = wire.fingerprint(body)
    anomalies.note(gate, problem.code, now, seq=link.seq, uuid=link.uuid, sha256=sha256, body=body)


def _columns(content: Content) -> dict[str, Any]:
    empty: dict[str, Any] = {
        "person_id": "", "verdict": "", "reasons": "", "identified": "", "finding": "", "forehead_c": None, "u_c": None,
    }  # fmt: skip
    match content:
        case Passage(measurement=seen_):
            return {
                "person_id": content.person_id or "",
                "verdict": content.verdict,
                "reasons": ",".join(content.reasons),
                "identified": content.identified,
                "finding": "" if seen_ is None else seen_.finding,
                "forehead_c": None if seen_ is None else seen_.forehead_c,
                "u_c": None if seen_ is None else seen_.u_c,
            }
        case Override():
            return {**empty, "person_id": content.person_id or "", "passage_uuid": UUID(content.passage_uuid)}
        case CaseStep(passage_uuid=about):
            told = None if about is None else UUID(about)
            return {**empty, "person_id": content.person_id or "", "passage_uuid": told}
        case GateEvent():
            return empty
