"""What a gate says of itself every minute: its head and its health."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from county.core import problems
from county.core.problems import Problem
from county.database import writing
from county.fleet import keeping
from county.gates import heads
from county.gates.models import Gate, GateStatus
from edge.core.chain import Head
from edge.core.errors import RecordError
from edge.core.health import Health, of_plain
from edge.core.record import SHA256, SIGNATURE
from edge.core.wire import from_plain, text, to_plain, whole, with_keys


@dataclass(frozen=True, slots=True)
class _SentHead:
    seq: int = whole(1, 2**53)
    sha256: str = text(SHA256)
    signature: str = text(SIGNATURE)


@dataclass(frozen=True, slots=True)
class Status:
    """head: None when the gate has written nothing yet."""

    head: Head | None
    health: Health


def parse(body: bytes) -> Status | Problem:
    """The status in these bytes, JSON of head and health."""
    try:
        plain = json.loads(body)
    except (ValueError, RecursionError) as error:
        return problems.not_a_status(str(error)[:200])
    try:
        with_keys(plain, {"head", "health"}, "status")
        sent = None if plain["head"] is None else from_plain(_SentHead, plain["head"], "head")
        health = of_plain(plain["health"])
    except RecordError as error:
        return problems.not_a_status(error.en)
    return Status(None if sent is None else Head(sent.seq, sent.sha256, sent.signature), health)


def keep(gate: Gate, status: Status, now: datetime) -> None:
    """Keep what the gate said; the gate counts as seen. Returns once it is on disk."""
    with writing(), transaction.atomic(durable=True):
        Gate.objects.select_for_update().get(pk=gate.pk)
        if not _is_late(gate, status.health):
            heads.lodge(gate, status.head, now)
            GateStatus.objects.update_or_create(gate=gate, defaults={"at": now, "health": to_plain(status.health)})
            keeping.keep(gate, status.health, now)
        Gate.objects.filter(pk=gate.pk).update(last_seen_at=now)


def _is_late(gate: Gate, health: Health) -> bool:
    """Whether the gate has said something later already: it gave this one up, which then was still under way.

    Its head is lower then, and says nothing against the gate. A file that was cut off is found out by what comes next.
    """
    kept = GateStatus.objects.filter(gate=gate).first()
    if kept is None or kept.health.get("boot_id") != health.boot_id:
        return False
    last_s = kept.health.get("uptime_s")
    return isinstance(last_s, int | float) and health.uptime_s < last_s


def health_of(kept: GateStatus) -> Health:
    """The health that was kept. RecordError: an older version of this software kept it."""
    return of_plain(kept.health)


def head_plain(head: Head | None) -> dict[str, Any] | None:
    """The head as it is answered."""
    return None if head is None else {"seq": head.seq, "sha256": head.sha256, "signature": head.signature}
