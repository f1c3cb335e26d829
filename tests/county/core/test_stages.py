"""A school's plan: what makes no sense is said, and city schools come before township centres."""

from datetime import date, timedelta

import pytest

from county.core.stages import STAGES, Plan, complaints, place

TODAY = date(2026, 3, 16)
DAYS = {name: TODAY - timedelta(days=30 - 7 * n) for n, name in enumerate(STAGES)}


def test_a_plan_with_its_days_in_order_is_taken() -> None:
    assert complaints(Plan("city", "in_service", DAYS), TODAY) == []
    assert complaints(Plan("township", "planned", {}), TODAY) == []
    later = {"planned": TODAY, "installed": TODAY + timedelta(days=9)}
    assert complaints(Plan("township", "planned", later), TODAY) == []


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        (Plan("village", "planned", {}), "Choose"),
        (Plan("city", "broken", {}), "Choose"),
        (Plan("city", "", {}), "Choose"),
        (Plan("city", "installed", {}), "Say when “Installed”"),
        (Plan("city", "installed", {"installed": TODAY + timedelta(days=1)}), "in the future"),
        (Plan("city", "planned", {"planned": TODAY, "installed": TODAY - timedelta(days=1)}), "before the stage"),
        (Plan("city", "commissioned", {"commissioned": TODAY}), "Say when “Installed”"),
    ],
)
def test_what_makes_no_sense_is_said_in_both_languages(plan: Plan, told: str) -> None:
    first = complaints(plan, TODAY)[0]

    assert told in first.en
    assert first.zh


def test_city_schools_come_first_and_those_without_a_plan_last() -> None:
    plans = [None, Plan("township", "planned", {}), Plan("city", "planned", {})]

    assert [plan and plan.kind for plan in sorted(plans, key=place)] == ["city", "township", None]
