"""The record of one thing that happened at a gate: its canonical bytes, its fingerprint: the contract with the county.

Canonical bytes are JSON with sorted keys, no spaces, UTF-8 and numbers rounded to milli-units, so that the same
record always has the same bytes, and the fingerprint (SHA-256 over them) means the same at the gate and at the county.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from edge.core import contents
from edge.core.contents import NAME, Content
from edge.core.wire import flag, fraction, from_plain, part, refused, text, to_plain, uuid, whole, with_keys

SCHEMA = 2
MAX_BYTES = 8_192
_BOOT = re.compile(r"[0-9a-f-]{8,64}")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Stamp:
    """One moment on all the clocks a board has.

    utc_ms: wall clock, milliseconds since 1970 UTC (worth nothing unless `synchronised`);
    monotonic_s: seconds since boot; boot_id: which boot.
    """

    utc_ms: int = whole(0, 2**53)
    monotonic_s: float = fraction(0, 1e10)
    boot_id: str = text(_BOOT)
    synchronised: bool = flag()


@dataclass(frozen=True, slots=True)
class Record:
    """What happened (`content`) as it is written down: by which gate, as which number, when, with what software."""

    uuid: str
    gate_id: str
    seq: int
    decided: Stamp
    content: Content
    software_version: str
    calibration_version: str


@dataclass(frozen=True, slots=True)
class _Frame:
    """Everything of a record but its content."""

    uuid: str = uuid()
    gate_id: str = text(NAME)
    seq: int = whole(1, 2**53)
    decided: Stamp = part(Stamp)
    software_version: str = text(_VERSION)
    calibration_version: str = text(_VERSION)


_FRAME = tuple(_Frame.__dataclass_fields__)


def canonical_bytes(record: Record) -> bytes:
    """The bytes that are stored, sent and fingerprinted (UTF-8 JSON).

    Numbers of any kind that stand in a field of fractions (37, numpy's float32) give the bytes of the same float.
    RecordError: a field is no number that JSON can carry; `parse` checks the ranges.
    """
    try:
        frame = to_plain(_Frame(**{name: getattr(record, name) for name in _FRAME}))
        content = {"kind": contents.kind_of(record.content), "content": to_plain(record.content)}
        plain = {"schema": SCHEMA, **frame, **content}
        return json.dumps(plain, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode()
    except (TypeError, ValueError, OverflowError) as error:
        raise refused(f"cannot be written: {error}") from error


def fingerprint(body: bytes) -> str:
    """SHA-256 of the canonical bytes, 64 hexadecimal digits."""
    return hashlib.sha256(body).hexdigest()


def is_gate_id(name: str) -> bool:
    """Whether a gate may be called so: 1 to 64 of A-Z a-z 0-9 . _ -, the first a letter or digit."""
    return NAME.fullmatch(name) is not None


def parse(body: bytes) -> Record:
    """The record in these bytes. RecordError unless they are exactly its canonical bytes, each field in its range."""
    if len(body) > MAX_BYTES:
        raise refused(f"{len(body)} bytes, at most {MAX_BYTES}")
    try:
        plain = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise refused(f"no JSON: {error}") from error
    record = _record(plain)
    if canonical_bytes(record) != body:
        raise refused("not in canonical form")
    return record


def _record(plain: Any) -> Record:
    with_keys(plain, {"schema", "kind", "content", *_FRAME}, "record")
    if plain["schema"] != SCHEMA or isinstance(plain["schema"], bool):
        raise refused(f"schema {plain['schema']!r}, expected {SCHEMA}")
    if not isinstance(plain["kind"], str) or plain["kind"] not in contents.KINDS:
        raise refused(f"kind {plain['kind']!r}, expected one of {list(contents.KINDS)}")
    content: Content = from_plain(contents.KINDS[plain["kind"]], plain["content"], plain["kind"])
    contents.check(content)
    frame: _Frame = from_plain(_Frame, {name: plain[name] for name in _FRAME}, "record")
    return Record(content=content, **{name: getattr(frame, name) for name in _FRAME})


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")
