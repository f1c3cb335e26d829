"""Records for tests: a plausible one, of which a test names only what it is about."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from edge.core.record import Passage, Record, Stamp, canonical_bytes

# 2026-03-02 07:30:00 in Beijing, a Monday morning.
MORNING_UTC_MS = 1_772_407_800_000
PASSED = Passage(
    t_first_s=1.0,
    t_last_s=2.2,
    frames=9,
    forehead_c=34.9,
    face_max_c=35.6,
    u_c=0.28,
    forehead_raw_c=33.8,
    reference_raw_c=36.1,
    reference_c=37.0,
    threshold_c=35.9,
    verdict="pass",
    reason="ok",
)
FEVER = replace(PASSED, forehead_c=36.7, face_max_c=37.4, verdict="fever", reason="fever_forehead")
NOT_MEASURED = replace(
    PASSED, forehead_c=None, face_max_c=None, u_c=None, forehead_raw_c=None, verdict="not_measured", reason="obscured"
)


def a_record(
    seq: int = 1,
    gate_id: str = "G1",
    uuid: str | None = None,
    utc_ms: int = MORNING_UTC_MS,
    synchronised: bool = True,
    passage: Passage = PASSED,
    **changes: Any,
) -> Record:
    """A record of this gate and number; changes: fields of its passage."""
    return Record(
        uuid=uuid or str(uuid4()),
        gate_id=gate_id,
        seq=seq,
        decided=Stamp(utc_ms=utc_ms, monotonic_s=12.5, boot_id="0" * 32, synchronised=synchronised),
        passage=replace(passage, **changes),
        software_version="0.1.0",
        calibration_version="none",
    )


def a_body(seq: int = 1, **changes: Any) -> tuple[str, bytes]:
    """(uuid, canonical bytes) of such a record."""
    record = a_record(seq, **changes)
    return record.uuid, canonical_bytes(record)
