"""Records for tests: a plausible one, of which a test names only what it is about."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from edge.core.contents import CaseStep, Content, GateEvent, Measurement, Override, Passage
from edge.core.record import NOTHING_BEFORE, Record, Stamp, canonical_bytes, fingerprint, parse, signed
from tests.fakes.signing import SIGNER, FakeSigner, written

# 2026-03-02 07:30:00 in Beijing, a Monday morning.
MORNING_UTC_MS = 1_772_407_800_000
MEASURED = Measurement(
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
    finding="pass",
    reason="ok",
)
HOT = replace(MEASURED, forehead_c=36.7, face_max_c=37.4, finding="fever", reason="fever_forehead")
UNREAD = replace(
    MEASURED,
    forehead_c=None,
    face_max_c=None,
    u_c=None,
    forehead_raw_c=None,
    finding="not_measured",
    reason="obscured",
)
PASSED = Passage(
    measurement=MEASURED,
    identified="known",
    person_id="p-0417",
    means="card",
    roster_version=12,
    crowd_c=None,
    verdict="pass",
    reasons=("ok",),
)
FEVER = replace(PASSED, measurement=HOT, verdict="fever", reasons=("fever_forehead",))
REFUSED = replace(PASSED, verdict="refused", reasons=("not_approved", "too_early"))
NOT_MEASURED = replace(
    PASSED, measurement=UNREAD, identified="no_badge", person_id=None, verdict="not_measured", reasons=("obscured",)
)
OTHER_UUID = "3a9d4a52-6b4e-4c57-9d0b-0e8f3ad1c002"
OVERRIDE = Override(passage_uuid=OTHER_UUID, person_id="p-0417", by="g-02", reason="no_badge", note="班主任已电话确认")
CASE_STEP = CaseStep(
    case_id=OTHER_UUID,
    step="contact",
    person_id="p-0417",
    passage_uuid=None,
    by="g-02",
    symptom=None,
    contact_c=38.25,
    note="",
)
EVENT = GateEvent(code="forced", by=None, count=1, duration_s=0.5, note="")
ONE_OF_EACH: dict[str, Content] = {"passage": PASSED, "override": OVERRIDE, "case": CASE_STEP, "event": EVENT}


def measured(passage: Passage = PASSED, **changes: Any) -> Passage:
    """The passage with another measurement."""
    assert passage.measurement is not None
    return replace(passage, measurement=replace(passage.measurement, **changes))


def a_record(
    seq: int = 1,
    gate_id: str = "G1",
    uuid: str | None = None,
    utc_ms: int = MORNING_UTC_MS,
    synchronised: bool = True,
    content: Content = PASSED,
    monotonic_s: float = 12.5,
    boot_id: str = "0" * 32,
    **changes: Any,
) -> Record:
    """A record of this gate and number; changes: fields of its content."""
    return written(
        Record(
            uuid=uuid or str(uuid4()),
            gate_id=gate_id,
            seq=seq,
            decided=Stamp(utc_ms, monotonic_s, boot_id, synchronised),
            content=replace(content, **changes),
            software_version="0.1.0",
            calibration_version="none",
        )
    )


def a_body(seq: int = 1, **changes: Any) -> tuple[str, bytes]:
    """(uuid, canonical bytes) of such a record."""
    record = a_record(seq, **changes)
    return record.uuid, canonical_bytes(record)


class Writer:
    """A gate's file: each record follows the last one. bodies: all of them, from the first on."""

    def __init__(self, gate_id: str = "G1", signer: FakeSigner = SIGNER) -> None:
        self.gate_id, self.signer = gate_id, signer
        self.bodies: list[bytes] = []

    def write(self, **changes: Any) -> bytes:
        """One more record; changes: as a_record."""
        seq = len(self.bodies) + 1
        plain = replace(a_record(seq, gate_id=self.gate_id, **changes), previous_sha256=self.last_sha256)
        self.bodies.append(canonical_bytes(signed(plain, self.signer.sign)))
        return self.bodies[-1]

    def many(self, count: int, **changes: Any) -> list[bytes]:
        """So many more."""
        return [self.write(**changes) for _ in range(count)]

    def cut(self, seq: int) -> "Writer":
        """The same file, cut off after this record."""
        shorter = Writer(self.gate_id, self.signer)
        shorter.bodies = self.bodies[:seq]
        return shorter

    @property
    def last_sha256(self) -> str:
        return fingerprint(self.bodies[-1]) if self.bodies else NOTHING_BEFORE

    @property
    def head(self) -> dict[str, Any]:
        """What the gate says of its end."""
        last = parse(self.bodies[-1])
        return {"seq": last.seq, "sha256": self.last_sha256, "signature": last.signature}
