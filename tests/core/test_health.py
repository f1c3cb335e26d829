"""Health as it travels: one form of bytes, each field in its range, nothing believed that contradicts itself."""

import json
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core import record
from edge.core.errors import RecordError
from edge.core.health import MAX_BYTES, Health, canonical_bytes, of_plain, parse

WELL = Health(
    utc_ms=1_772_407_800_000,
    clock_ok=True,
    boot_id="0b00b00b-0000-4000-8000-000000000001",
    uptime_s=3_600.5,
    software_version="0.1.0",
    calibration_version="2026-01-05.a",
    calibration_expires_utc_ms=1_780_000_000_000,
    camera="ok",
    reference="no_reference",
    written=1_200,
    acknowledged=1_150,
    set_aside=1,
    pause_s=0.0,
    disk_free_fraction=0.75,
    readings=420,
    median_forehead_c=34.875,
    roster_version=12,
    settings_version=None,
    drift_k=None,
    drift_leaves_utc_ms=None,
    offset_stepped_k=None,
)


def test_what_is_written_is_read_back() -> None:
    assert parse(canonical_bytes(WELL)) == WELL
    assert of_plain(json.loads(canonical_bytes(WELL))) == WELL


@given(
    uptime_s=st.floats(0, 1e9),
    free=st.floats(0, 1),
    counts=st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6)),
    readings=st.integers(0, 30),
    median_c=st.floats(30, 40),
)
def test_any_health_comes_through_rounded_to_thousandths(
    uptime_s: float, free: float, counts: tuple[int, int, int], readings: int, median_c: float
) -> None:
    sent = replace(
        WELL,
        uptime_s=uptime_s,
        disk_free_fraction=free,
        written=sum(counts),
        acknowledged=counts[0],
        set_aside=counts[1],
        readings=readings,
        median_forehead_c=median_c if readings >= 10 else None,
    )
    came = parse(canonical_bytes(sent))
    assert came.uptime_s == pytest.approx(uptime_s, abs=0.000_501)
    assert replace(came, uptime_s=0.0, disk_free_fraction=0.0, median_forehead_c=None) == replace(
        sent, uptime_s=0.0, disk_free_fraction=0.0, median_forehead_c=None
    )
    assert parse(canonical_bytes(came)) == came


@pytest.mark.parametrize(
    "changes",
    [
        {"camera": "Not a code"},
        {"disk_free_fraction": 1.001},
        {"written": -1},
        {"written": 10},
        {"clock_ok": 1},
        {"boot_id": "x"},
        {"median_forehead_c": None},
        {"readings": 9},
        {"uptime_s": "1"},
        {"roster_version": 0},
        {"more": 1},
    ],
    ids=str,
)
def test_what_is_out_of_range_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(RecordError):
        of_plain({**json.loads(canonical_bytes(WELL)), **changes})


@pytest.mark.parametrize("field", [field.name for field in fields(Health)])
def test_no_field_may_be_missing(field: str) -> None:
    plain = json.loads(canonical_bytes(WELL))
    del plain[field]
    with pytest.raises(RecordError):
        of_plain(plain)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff", b"[" * 4_000, b" " * (MAX_BYTES + 1)], ids=len)
def test_other_bytes_are_no_health(body: bytes) -> None:
    with pytest.raises(RecordError):
        parse(body)


def test_there_is_one_form_only() -> None:
    with pytest.raises(RecordError):
        parse(canonical_bytes(WELL).replace(b":", b": ", 1))


def test_a_number_that_is_none_is_not_written() -> None:
    with pytest.raises(RecordError):
        canonical_bytes(replace(WELL, uptime_s=float("nan")))


def test_versions_and_boots_are_named_as_in_records() -> None:
    stamp = {field.name: field.metadata["rule"].holds for field in fields(record.Stamp)}
    health = {field.name: field.metadata["rule"].holds for field in fields(Health)}
    assert health["boot_id"] == stamp["boot_id"]
