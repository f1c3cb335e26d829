"""docs/cases.md says what the code does: its steps, its limits."""

from pathlib import Path
from typing import get_args

from edge.core import cases, pin_rule
from edge.core.contents import Step

TEXT = (Path(__file__).parents[2] / "docs" / "cases.md").read_text(encoding="utf-8")


def test_every_step_is_told() -> None:
    for step in get_args(Step):
        assert f"\n| `{step}` |" in TEXT


def test_the_limits_are_those_of_the_code() -> None:
    policy = cases.CasePolicy()
    assert f"From {policy.contact_fever_c} °C on" in TEXT
    assert f"outside {cases.LEAST_CONTACT_C} to {cases.MOST_CONTACT_C} °C" in TEXT
    assert f"below {cases.LEAST_USUAL_C}, above {cases.MOST_USUAL_C}" in TEXT
    assert f"{-cases.LEAST_ABOVE_SKIN_K} below or {cases.MOST_ABOVE_SKIN_K} above it" in TEXT
    assert f"{pin_rule.LEAST_DIGITS} to {pin_rule.MOST_DIGITS} digits" in TEXT
    assert f"{policy.contact_fever_c} °C（" in TEXT
    assert f"{cases.LEAST_CONTACT_C} 至 {cases.MOST_CONTACT_C} °C" in TEXT
    assert f"低于 {cases.LEAST_USUAL_C}、高于 {cases.MOST_USUAL_C}" in TEXT
    assert f"{pin_rule.LEAST_DIGITS} 至 {pin_rule.MOST_DIGITS} 位" in TEXT
