"""What a gate needs a technician for, and which gate first."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from county.core.drift import Change, Drift
from county.core.needs import DISK_FREE, ORDER, REMEDIES, Facts, Need, first_to_go, needs
from edge.core.health import Health
from edge.core.texts import Text

DAY_MS = 86_400_000
NOW_MS = 1_772_407_800_000
WELL = Health(
    utc_ms=NOW_MS,
    clock_ok=True,
    boot_id="0" * 32,
    uptime_s=3600.0,
    software_version="0.1.0",
    calibration_version="c-1",
    calibration_expires_utc_ms=NOW_MS + 90 * DAY_MS,
    camera="ok",
    reference="ok",
    written=500,
    acknowledged=500,
    set_aside=0,
    pause_s=0.0,
    disk_free_fraction=0.6,
    readings=400,
    median_forehead_c=35.0,
    roster_version=3,
    settings_version=None,
    drift_k=None,
    drift_leaves_utc_ms=None,
    offset_stepped_k=None,
)
FACTS = Facts(
    gate_id="G1",
    school="第一小学",
    working=True,
    silent_s=30.0,
    health=WELL,
    contradictions=0,
    missing=0,
    drift=None,
    version="0.1.0",
    now_utc_ms=NOW_MS,
    school_hours=True,
)
MOVED = Drift(Change(today_c=35.6, own_k=0.7, limit_k=0.2), apart_k=0.6)


def codes(facts: Facts) -> list[str]:
    return [need.code for need in needs(facts)]


def with_health(**changes: Any) -> Facts:
    return replace(FACTS, health=replace(WELL, **changes))


def test_a_gate_that_is_well_needs_nobody() -> None:
    assert needs(FACTS) == []


def test_what_came_since_the_last_status_waits_no_more() -> None:
    told = with_health(written=1700)

    assert (told.waiting, replace(told, kept=900).waiting, replace(told, kept=1800).waiting) == (1200, 800, 0)
    assert needs(replace(told, kept=900)) == []
    assert replace(told, health=None).waiting == 0


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (replace(FACTS, contradictions=2), "contradiction"),
        (with_health(camera="no_camera"), "camera"),
        (with_health(reference="no_reference"), "reference"),
        (with_health(calibration_expires_utc_ms=None), "calibration"),
        (with_health(calibration_expires_utc_ms=NOW_MS), "calibration"),
        (with_health(calibration_expires_utc_ms=NOW_MS + 13 * DAY_MS), "calibration_soon"),
        (with_health(drift_k=0.1, drift_leaves_utc_ms=NOW_MS + 13 * DAY_MS), "drift_soon"),
        (with_health(drift_k=-0.2, drift_leaves_utc_ms=NOW_MS - DAY_MS), "drift_soon"),
        (with_health(offset_stepped_k=0.8), "stepped"),
        (replace(FACTS, silent_s=901.0), "silent"),
        (replace(FACTS, silent_s=None, health=None), "silent"),
        (replace(FACTS, silent_s=4 * 86_400.0, school_hours=False), "silent"),
        (with_health(disk_free_fraction=0.05), "disk"),
        (with_health(acknowledged=499, set_aside=1), "set_aside"),
        (with_health(written=1700), "backlog"),
        (with_health(pause_s=600.0), "backlog"),
        (with_health(clock_ok=False), "clock"),
        (replace(FACTS, missing=3), "missing"),
        (replace(FACTS, drift=MOVED), "drift"),
        (replace(FACTS, version="0.2.0"), "version"),
    ],
)
def test_each_trouble_is_one_need_with_a_remedy_in_both_languages(facts: Facts, code: str) -> None:
    (need,) = needs(facts)

    assert need.code == code
    assert all((need.why.zh, need.why.en, need.remedy.zh, need.remedy.en))


@pytest.mark.parametrize(
    "facts",
    [
        replace(FACTS, silent_s=901.0, school_hours=False),
        with_health(disk_free_fraction=DISK_FREE),
        with_health(calibration_expires_utc_ms=NOW_MS + 14 * DAY_MS),
        with_health(written=1699),
        replace(FACTS, drift=Drift(MOVED.change, apart_k=0.1)),
        replace(FACTS, version=None),
    ],
)
def test_what_is_within_its_limit_needs_nobody(facts: Facts) -> None:
    assert needs(facts) == []


def test_a_gate_that_is_not_to_work_yet_is_not_missed_but_evidence_is_shown() -> None:
    planned = replace(with_health(camera="no_camera"), working=False, silent_s=None, missing=7)

    assert needs(planned) == []
    assert codes(replace(planned, contradictions=1)) == ["contradiction"]


def test_the_gravest_need_comes_first() -> None:
    facts = replace(with_health(reference="no_reference", disk_free_fraction=0.0), contradictions=1, missing=1)

    assert codes(facts) == ["contradiction", "reference", "disk", "missing"]
    assert [need.grave for need in needs(facts)] == [True, True, False, False]


def test_every_code_has_its_place_and_its_remedy() -> None:
    assert len(set(ORDER)) == len(ORDER) == len(REMEDIES)


NEEDS = st.lists(st.sampled_from(ORDER), unique=True, max_size=4).map(
    lambda found: [Need(code, Text(code, code)) for code in sorted(found, key=ORDER.index)]
)
GATES = st.lists(NEEDS, max_size=8).map(
    lambda found: [(replace(FACTS, gate_id=f"G{n}", school=f"S{n % 3}"), one) for n, one in enumerate(found)]
)


@given(GATES, st.randoms())
def test_the_ranking_depends_on_no_order_and_leaves_out_who_needs_nobody(
    gates: list[tuple[Facts, list[Need]]], chance: Any
) -> None:
    ranked = first_to_go(gates)
    chance.shuffle(gates)

    assert first_to_go(gates) == ranked
    assert {facts.gate_id for facts, _ in ranked} == {facts.gate_id for facts, found in gates if found}


@given(GATES, st.integers(0, 7), st.sampled_from(ORDER))
def test_another_need_never_moves_a_gate_back(gates: list[tuple[Facts, list[Need]]], which: int, code: str) -> None:
    if which >= len(gates) or code in {need.code for need in gates[which][1]}:
        return
    facts, found = gates[which]

    def place(ranked: list[Any]) -> int:
        return next((n for n, (one, _) in enumerate(ranked) if one.gate_id == facts.gate_id), len(ranked))

    before = place(first_to_go(gates))
    gates[which] = (facts, [*found, Need(code, Text(code, code))])

    assert place(first_to_go(gates)) <= before


@given(GATES)
def test_no_gate_waits_behind_one_with_a_lesser_need(gates: list[tuple[Facts, list[Need]]]) -> None:
    gravest = [min(ORDER.index(need.code) for need in found) for _, found in first_to_go(gates)]

    assert gravest == sorted(gravest)
