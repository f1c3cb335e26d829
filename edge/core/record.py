"""The record of one thing that happened at a gate: its canonical bytes, its fingerprint: the contract with the county.

A record has two parts and a signature:

    link       who wrote what kind of record when, the fingerprint of the record before, the fingerprint of the content
    sealed     the content, and a random salt
    signature  of the gate's own key, over the link

Nobody is named in the link. So the content, which names people, can be erased when its time is over, and the links
still prove that nothing was left out, put in or altered. The salt keeps an erased content from being guessed.

Canonical bytes are JSON with sorted keys, no spaces, UTF-8 and numbers rounded to milli-units, so that the same
record always has the same bytes, and the fingerprint (SHA-256 over the link) means the same at gate and county.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from edge.core import contents
from edge.core.contents import NAME, Content
from edge.core.wire import choice, flag, fraction, from_plain, part, refused, text, to_plain, uuid, whole, with_keys

SCHEMA = 3
MAX_BYTES = 8_192
# What the first record of a gate names as the one before it.
NOTHING_BEFORE = "0" * 64

Kind = Literal["passage", "override", "case", "event"]
Sign = Callable[[bytes], bytes]
Verify = Callable[[bytes, bytes], bool]

_BOOT = re.compile(r"[0-9a-f-]{8,64}")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]{0,63}")
SHA256 = re.compile(r"[0-9a-f]{64}")
_SALT = re.compile(r"[0-9a-f]{32}")
# Base64 of 64 bytes (RFC 4648), in the one form of several that an encoder writes.
SIGNATURE = re.compile(r"[A-Za-z0-9+/]{85}[AQgw]==")
# No text of a link may hold a brace, and the signature has one length: that cuts the three apart.
_BODY = re.compile(
    rb'\{"link":(?P<link>\{[^{}]*\{[^{}]*\}[^{}]*\}),"sealed":(?P<sealed>\{.*\}),"signature":"(?P<by>[^"]{88})"\}',
    re.DOTALL,
)
# What is signed begins so: no signature over a record can be taken for one over anything else.
_SIGNED_AS = b"foregate-record-3\n"


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
class Link:
    """Everything of a record but its content, and what ties it to its content and to the record before it."""

    uuid: str = uuid()
    gate_id: str = text(NAME)
    seq: int = whole(1, 2**53)
    decided: Stamp = part(Stamp)
    kind: Kind = choice(Kind)
    software_version: str = text(_VERSION)
    calibration_version: str = text(_VERSION)
    previous_sha256: str = text(SHA256)
    content_sha256: str = text(SHA256)


@dataclass(frozen=True, slots=True)
class Record:
    """What happened (`content`) as it is written down: by which gate, as which number, when, with what software.

    previous_sha256: fingerprint of the record before. salt (32 hexadecimal digits), signature (base64): "" until it
    is written down.
    """

    uuid: str
    gate_id: str
    seq: int
    decided: Stamp
    content: Content
    software_version: str
    calibration_version: str
    previous_sha256: str = NOTHING_BEFORE
    salt: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """A record's bytes, cut apart. signature: base64."""

    link: bytes
    sealed: bytes
    signature: str


def sealed_bytes(record: Record) -> bytes:
    """The content with its salt, canonical. RecordError: a field is no number that JSON can carry."""
    return _written(lambda: {"content": to_plain(record.content), "salt": record.salt})


def link_bytes(record: Record) -> bytes:
    """The link, canonical. RecordError as `sealed_bytes`."""
    sealed = sealed_bytes(record)
    return _written(lambda: {"schema": SCHEMA, **to_plain(_link_of(record, sha256(sealed)))})


def signed_bytes(link: bytes) -> bytes:
    """What the gate's key signs (Ed25519, RFC 8032) for the record with this link."""
    return _SIGNED_AS + link


def signed(record: Record, sign: Sign) -> Record:
    """The record with its signature. sign: message -> 64 bytes."""
    return replace(record, signature=base64.b64encode(sign(signed_bytes(link_bytes(record)))).decode())


def canonical_bytes(record: Record) -> bytes:
    """The bytes that are stored and sent (UTF-8 JSON).

    Numbers of any kind that stand in a field of fractions (37, numpy's float32) give the bytes of the same float.
    RecordError: a field is no number that JSON can carry; `parse` checks the ranges.
    """
    return joined(Parts(link_bytes(record), sealed_bytes(record), record.signature))


def joined(parts: Parts) -> bytes:
    """The bytes of which these are the parts."""
    return b'{"link":%b,"sealed":%b,"signature":"%b"}' % (parts.link, parts.sealed, parts.signature.encode())


def split(body: bytes) -> Parts:
    """The parts of a record's bytes; what each says is not looked at. RecordError: there are no such parts."""
    if len(body) > MAX_BYTES:
        raise refused(f"{len(body)} bytes, at most {MAX_BYTES}")
    found = _BODY.fullmatch(body)
    if found is None:
        raise refused("not link, sealed and signature in canonical form")
    signature = found["by"].decode("ascii", "replace")
    if SIGNATURE.fullmatch(signature) is None:
        raise refused("signature is not 64 bytes of base64 in canonical form")
    return Parts(found["link"], found["sealed"], signature)


def sha256(data: bytes) -> str:
    """64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def fingerprint(body: bytes) -> str:
    """SHA-256 of the record's link, which names its content by its own: 64 hex digits. RecordError: no record."""
    return sha256(split(body).link)


def is_signed(parts: Parts, verify: Verify) -> bool:
    """Whether the signature is one over this link. verify: message, 64 bytes -> whether the gate's key made them."""
    return verify(signed_bytes(parts.link), base64.b64decode(parts.signature))


def is_gate_id(name: str) -> bool:
    """Whether a gate may be called so: 1 to 64 of A-Z a-z 0-9 . _ -, the first a letter or digit."""
    return NAME.fullmatch(name) is not None


def parse(body: bytes) -> Record:
    """The record in these bytes. RecordError unless they are exactly its canonical bytes, each field in its range, and
    the content the one that the link names. Whose the signature is is not looked at (`is_signed`)."""
    parts = split(body)
    link = parse_link(parts.link)
    if link.content_sha256 != sha256(parts.sealed):
        raise refused("content_sha256 is not that of the content")
    content, salt = _parse_sealed(parts.sealed, link.kind)
    same = {name: getattr(link, name) for name in Link.__dataclass_fields__ if name not in ("kind", "content_sha256")}
    return Record(content=content, salt=salt, signature=parts.signature, **same)


def parse_link(link: bytes) -> Link:
    """The link in these bytes. RecordError unless they are exactly its canonical bytes, each field in its range."""
    plain = _read(link)
    with_keys(plain, {"schema", *Link.__dataclass_fields__}, "link")
    schema = plain.pop("schema")
    if schema != SCHEMA or isinstance(schema, bool):
        raise refused(f"schema {schema!r}, expected {SCHEMA}")
    read: Link = from_plain(Link, plain, "link")
    if (read.seq == 1) != (read.previous_sha256 == NOTHING_BEFORE):
        raise refused("the first record, and no other, follows nothing")
    if _written(lambda: {"schema": SCHEMA, **to_plain(read)}) != link:
        raise refused("not in canonical form")
    return read


def _parse_sealed(sealed: bytes, kind: Kind) -> tuple[Content, str]:
    plain = _read(sealed)
    with_keys(plain, {"content", "salt"}, "sealed")
    if not isinstance(plain["salt"], str) or _SALT.fullmatch(plain["salt"]) is None:
        raise refused("salt is not 32 hexadecimal digits")
    content: Content = from_plain(contents.KINDS[kind], plain["content"], kind)
    contents.check(content)
    if _written(lambda: {"content": to_plain(content), "salt": plain["salt"]}) != sealed:
        raise refused("not in canonical form")
    return content, plain["salt"]


def _link_of(record: Record, content_sha256: str) -> Link:
    kind: Any = contents.kind_of(record.content)
    same = {name: getattr(record, name) for name in Link.__dataclass_fields__ if name not in ("kind", "content_sha256")}
    return Link(kind=kind, content_sha256=content_sha256, **same)


def _written(plain: Callable[[], dict[str, Any]]) -> bytes:
    try:
        written = json.dumps(plain(), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
        return written.encode()
    except (TypeError, ValueError, OverflowError) as error:
        raise refused(f"cannot be written: {error}") from error


def _read(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise refused(f"no JSON: {error}") from error


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")
