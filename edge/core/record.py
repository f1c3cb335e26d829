"""The record of one person: its fields, its canonical bytes, its fingerprint: the wire contract with the county.

Canonical bytes are JSON with sorted keys, no spaces, UTF-8 and numbers rounded to milli-units, so that the same
record always has the same bytes, and the fingerprint (SHA-256 over them) means the same at the gate and at the county.
"""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args
from uuid import UUID

from edge.core.errors import RecordError

Verdict = Literal["pass", "fever", "not_measured"]

SCHEMA = 1
MAX_BYTES = 8_192
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_GATE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
_BOOT = re.compile(r"[0-9a-f-]{8,64}\Z")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]{0,63}\Z")


@dataclass(frozen=True, slots=True)
class Stamp:
    """One moment on all the clocks a board has.

    utc_ms: wall clock, milliseconds since 1970 UTC (worth nothing unless `synchronised`);
    monotonic_s: seconds since boot; boot_id: which boot.
    """

    utc_ms: int
    monotonic_s: float
    boot_id: str
    synchronised: bool


@dataclass(frozen=True, slots=True)
class Passage:
    """What the gate found out about one person; temperatures of the skin in degrees Celsius, None: not measured.

    forehead_raw_c and reference_raw_c are what the camera itself claimed, before the reference in the frame
    corrected it; u_c is the standard uncertainty of forehead_c; t_first_s and t_last_s are seconds since boot.
    """

    t_first_s: float
    t_last_s: float
    frames: int
    forehead_c: float | None
    face_max_c: float | None
    u_c: float | None
    forehead_raw_c: float | None
    reference_raw_c: float | None
    reference_c: float | None
    threshold_c: float
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Record:
    """A passage as it is written down: who wrote it, as which, when, with what."""

    uuid: str
    gate_id: str
    seq: int
    decided: Stamp
    passage: Passage
    software_version: str
    calibration_version: str


_FRACTIONS = frozenset(f.name for kind in (Stamp, Passage) for f in fields(kind) if f.type in (float, float | None))


def canonical_bytes(record: Record) -> bytes:
    """The bytes that are stored, sent and fingerprinted (UTF-8 JSON).

    Numbers of any kind that stand in a field of fractions (37, numpy's float32) give the bytes of the same float.
    RecordError: a field is no number that JSON can carry; `parse` checks the ranges.
    """
    try:
        plain = _canonical({"schema": SCHEMA, **asdict(record)})
        return json.dumps(plain, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode()
    except (TypeError, ValueError, OverflowError) as error:
        raise _refused(f"cannot be written: {error}") from error


def fingerprint(body: bytes) -> str:
    """SHA-256 of the canonical bytes, 64 hexadecimal digits."""
    return hashlib.sha256(body).hexdigest()


def is_gate_id(text: str) -> bool:
    """Whether a gate may be called so: 1 to 64 of A-Z a-z 0-9 . _ -, the first a letter or digit."""
    return _GATE.match(text) is not None


def parse(body: bytes) -> Record:
    """The record in these bytes. RecordError unless they are exactly its canonical bytes, each field in its range."""
    if len(body) > MAX_BYTES:
        raise _refused(f"{len(body)} bytes, at most {MAX_BYTES}")
    try:
        plain = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _refused(f"no JSON: {error}") from error
    record = _record(plain)
    if canonical_bytes(record) != body:
        raise _refused("not in canonical form")
    return record


def _record(plain: Any) -> Record:
    _keys(plain, {"schema", *(f.name for f in fields(Record))}, "record")
    if plain["schema"] != SCHEMA or isinstance(plain["schema"], bool):
        raise _refused(f"schema {plain['schema']!r}, expected {SCHEMA}")
    _keys(plain["decided"], {f.name for f in fields(Stamp)}, "decided")
    _keys(plain["passage"], {f.name for f in fields(Passage)}, "passage")
    return Record(
        uuid=_uuid(plain["uuid"]),
        gate_id=_text(plain["gate_id"], _GATE, "gate_id"),
        seq=_integer(plain["seq"], 1, 2**53, "seq"),
        decided=_stamp(plain["decided"]),
        passage=_passage(plain["passage"]),
        software_version=_text(plain["software_version"], _VERSION, "software_version"),
        calibration_version=_text(plain["calibration_version"], _VERSION, "calibration_version"),
    )


def _stamp(plain: dict[str, Any]) -> Stamp:
    if not isinstance(plain["synchronised"], bool):
        raise _refused("decided.synchronised is not true or false")
    return Stamp(
        utc_ms=_integer(plain["utc_ms"], 0, 2**53, "decided.utc_ms"),
        monotonic_s=_number(plain["monotonic_s"], 0, 1e10, "decided.monotonic_s"),
        boot_id=_text(plain["boot_id"], _BOOT, "decided.boot_id"),
        synchronised=plain["synchronised"],
    )


def _passage(plain: dict[str, Any]) -> Passage:
    def celsius(name: str) -> float | None:
        return None if plain[name] is None else _number(plain[name], -60, 200, "passage." + name)

    if plain["verdict"] not in get_args(Verdict):
        raise _refused(f"verdict {plain['verdict']!r}")
    passage = Passage(
        t_first_s=_number(plain["t_first_s"], 0, 1e10, "passage.t_first_s"),
        t_last_s=_number(plain["t_last_s"], 0, 1e10, "passage.t_last_s"),
        frames=_integer(plain["frames"], 1, 10**7, "passage.frames"),
        forehead_c=celsius("forehead_c"),
        face_max_c=celsius("face_max_c"),
        u_c=None if plain["u_c"] is None else _number(plain["u_c"], 0, 100, "passage.u_c"),
        forehead_raw_c=celsius("forehead_raw_c"),
        reference_raw_c=celsius("reference_raw_c"),
        reference_c=celsius("reference_c"),
        threshold_c=_number(plain["threshold_c"], 20, 50, "passage.threshold_c"),
        verdict=plain["verdict"],
        reason=_text(plain["reason"], _CODE, "passage.reason"),
    )
    if passage.verdict != "not_measured" and (passage.forehead_c is None or passage.u_c is None):
        raise _refused(f"verdict {passage.verdict} without a reading")
    if passage.t_last_s < passage.t_first_s:
        raise _refused("passage ends before it begins")
    return passage


def _canonical(plain: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _canonical(value)
        if isinstance(value, dict)
        # + 0.0 makes one zero of the two.
        else round(float(value), 3) + 0.0
        if name in _FRACTIONS and value is not None
        else value
        for name, value in plain.items()
    }


def _keys(plain: Any, expected: set[str], where: str) -> None:
    if not isinstance(plain, dict) or set(plain) != expected:
        found = sorted(plain) if isinstance(plain, dict) else type(plain).__name__
        raise _refused(f"{where} has {found}, expected {sorted(expected)}")


def _uuid(value: Any) -> str:
    try:
        known = isinstance(value, str) and str(UUID(value)) == value
    except ValueError:
        known = False
    if not known:
        raise _refused("uuid is not a lower-case UUID")
    return str(value)


def _text(value: Any, pattern: re.Pattern[str], name: str) -> str:
    if not isinstance(value, str) or not pattern.match(value):
        raise _refused(f"{name} does not match {pattern.pattern}")
    return value


def _integer(value: Any, low: int, high: int, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise _refused(f"{name} is not a whole number of {low} to {high}")
    return value


def _number(value: Any, low: float, high: float, name: str) -> float:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        # Refuses infinities and NaN too; math.isfinite would overflow on a whole number of 400 digits.
        or not low <= value <= high
    ):
        raise _refused(f"{name} is not a number of {low} to {high}")
    return float(value)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def _refused(detail: str) -> RecordError:
    # What was wrong may be 8 KiB of somebody else's bytes.
    detail = detail if len(detail) <= 300 else detail[:300] + "…"
    return RecordError(
        f"记录无效（{detail}）；请核对闸机与县级服务器的软件版本",
        f"not a valid record ({detail}); check that gate and county run matching versions",
    )
