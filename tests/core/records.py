"""Records for the contract's tests: one known by heart, strategies that draw every possible one, and spoilt bytes."""

import json
import re
from dataclasses import fields, is_dataclass, replace
from typing import Any, get_args

from hypothesis import strategies as st

from edge.core.contents import (
    CaseStep,
    Content,
    Finding,
    GateEvent,
    Identified,
    Means,
    Measurement,
    Override,
    Passage,
    Step,
    Verdict,
    kind_of,
)
from edge.core.record import NOTHING_BEFORE, Record, Stamp, canonical_bytes, sha256
from tests.fakes.signing import written

UUID = "3a9d4a52-6b4e-4c57-9d0b-0e8f3ad1c001"
OTHER_UUID = "3a9d4a52-6b4e-4c57-9d0b-0e8f3ad1c002"
DECIDED = Stamp(1_767_600_000_000, 102.5, "0b00b00b-0000-4000-8000-000000000001", True)
MEASURED = Measurement(100.0, 101.25, 9, 36.125, 36.75, 0.25, 35.5, 36.375, 37.0, 37.25, "pass", "ok")
PASSAGE = Passage(MEASURED, "known", "p-0417", "card", 12, 35.75, "refused", ("not_approved", "too_early"))
OVERRIDE = Override(OTHER_UUID, "p-0417", "g-02", "parent_called", "班主任已电话确认")
CASE = CaseStep(OTHER_UUID, "contact", "p-0417", UUID, "g-02", None, 38.25, "右耳 / right ear")
EVENT = GateEvent("forced", None, 1, 0.5, "")
ONE_OF_EACH: dict[str, Content] = {"passage": PASSAGE, "override": OVERRIDE, "case": CASE, "event": EVENT}
MISSING = object()

LETTERS = "abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"


def record_of(content: Content) -> Record:
    """The content, always written down by the same gate at the same moment under the same number."""
    return written(Record(UUID, "gate-1", 7, DECIDED, content, "0.1.0", "2026-01-05.a"))


def after_something(record: Record) -> Record:
    """Signed; the first one follows nothing."""
    return written(replace(record, previous_sha256=NOTHING_BEFORE) if record.seq == 1 else record)


def number(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False)


def word(first: str, rest: str, longest: int) -> st.SearchStrategy[str]:
    return st.builds(str.__add__, st.sampled_from(first), st.text(rest, max_size=longest - 1))


codes = word(LETTERS, LETTERS + DIGITS + "_", 40)
names = word(LETTERS + LETTERS.upper() + DIGITS, LETTERS + DIGITS + "._-", 64)
# Cc, Zl and Zp: control characters and line separators; Cs: half of a pair, which UTF-8 cannot say.
notes = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=200)
uuids = st.uuids().map(str)
celsius = number(-60, 200)
versions = st.integers(1, 2**53)


@st.composite
def measurements(draw: st.DrawFn, findings: tuple[Finding, ...] = get_args(Finding)) -> Measurement:
    finding = draw(st.sampled_from(findings))
    begins, ends = sorted((draw(number(0, 1e10)), draw(number(0, 1e10))))
    unread = st.none() if finding == "not_measured" else st.nothing()
    return Measurement(
        t_first_s=begins,
        t_last_s=ends,
        frames=draw(st.integers(1, 10**7)),
        forehead_c=draw(unread | celsius),
        face_max_c=draw(st.none() | celsius),
        u_c=draw(unread | number(0, 100)),
        forehead_raw_c=draw(st.none() | celsius),
        reference_raw_c=draw(st.none() | celsius),
        reference_c=draw(st.none() | celsius),
        threshold_c=draw(number(20, 50)),
        finding=finding,
        reason=draw(codes),
    )


@st.composite
def passages(draw: st.DrawFn) -> Passage:
    verdict: Verdict = draw(st.sampled_from(get_args(Verdict)))
    of_verdict: dict[Verdict, st.SearchStrategy[Measurement | None]] = {
        "pass": measurements(("pass",)),
        "fever": measurements(("pass", "fever")),
    }
    passable: tuple[Identified, ...] = ("known", "not_asked")
    identified = draw(st.sampled_from(passable if verdict == "pass" else get_args(Identified)))
    return Passage(
        measurement=draw(of_verdict.get(verdict, st.none() | measurements())),
        identified=identified,
        person_id=draw(names) if identified == "known" else None,
        means=draw(st.none() | st.sampled_from(get_args(Means))),
        roster_version=draw(st.none() | versions),
        crowd_c=draw(st.none() | celsius),
        verdict=verdict,
        reasons=("ok",) if verdict == "pass" else tuple(draw(st.lists(codes, min_size=1, max_size=16))),
    )


@st.composite
def case_steps(draw: st.DrawFn) -> CaseStep:
    step: Step = draw(st.sampled_from(get_args(Step)))
    return CaseStep(
        case_id=draw(uuids),
        step=step,
        person_id=draw(st.none() | names),
        passage_uuid=draw(st.none() | uuids),
        by=draw(st.none() | names if step in ("alarm", "symptom") else names),
        symptom=draw(st.none() | codes),
        contact_c=draw(st.none() | number(20, 50)),
        note=draw(notes),
    )


overrides = st.builds(Override, uuids, st.none() | names, names, codes, notes)
events = st.builds(
    GateEvent, codes, st.none() | names, st.none() | st.integers(0, 10**7), st.none() | number(0, 1e10), notes
)
contents: st.SearchStrategy[Content] = st.one_of(passages(), overrides, case_steps(), events)
stamps = st.builds(
    Stamp, st.integers(0, 2**53), number(0, 1e10), st.text("0123456789abcdef-", min_size=8, max_size=64), st.booleans()
)
hexadecimal = st.text("0123456789abcdef", min_size=64, max_size=64)
records = st.builds(
    Record,
    uuids,
    names,
    versions,
    stamps,
    contents,
    names,
    names,
    hexadecimal.filter(lambda drawn: drawn != NOTHING_BEFORE),
    st.uuids().map(lambda drawn: drawn.hex),
).map(after_something)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def paths(thing: Any) -> list[tuple[str, ...]]:
    """The way to every field of a dataclass, and to those of the dataclasses in it."""
    found: list[tuple[str, ...]] = []
    for field in fields(thing):
        value = getattr(thing, field.name)
        found.append((field.name,))
        if is_dataclass(value):
            found += [(field.name, *path) for path in paths(value)]
    return found


def altered(record: Record, path: tuple[str, ...], value: Any) -> bytes:
    """The record's bytes with one field replaced, in canonical form as far as that goes, and naming their content.

    path: as of a Record's fields, and ("schema",), ("kind",), ("content_sha256",).
    """
    plain: dict[str, Any] = json.loads(canonical_bytes(record))
    place = plain if path[0] in ("signature", "link", "sealed") else plain["link"]
    if path[0] in ("content", "salt"):
        place = plain["sealed"]
    for name in path[:-1]:
        place = place[name]
    if value is MISSING:
        place.pop(path[-1], None)
    else:
        place[path[-1]] = value
    if path[0] in ("content", "salt"):
        plain["link"]["content_sha256"] = sha256(_dumped(plain["sealed"]))
    return _dumped(plain)


def renamed(body: bytes) -> bytes:
    """Bytes of which the content was altered, with the link that names this content."""
    link, between, rest = body.partition(b',"sealed":')
    sealed = rest.rpartition(b',"signature":')[0]
    named = b'"content_sha256":"%b"' % sha256(sealed).encode()
    return re.sub(rb'"content_sha256":"[0-9a-f]{64}"', named, link) + between + rest


def _dumped(plain: Any) -> bytes:
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "surrogatepass")


assert all(kind_of(content) == kind for kind, content in ONE_OF_EACH.items())
