"""What a site may decide, and what it may not."""

import math
from typing import Any, get_args

import pytest

from edge.core.entry_policy import NOT_MEASURED, REASONS, EntryPolicy, Rule, gravity, reason_of
from edge.core.errors import ConfigError

ALL_CASES = [(row.code, rule, rule in row.rules) for row in REASONS for rule in get_args(Rule)]
RANGES: dict[str, tuple[float, float]] = {
    "crowd_delta_k": (0.3, 3.0),
    "crowd_people": (5, 25),
    "crowd_forget_s": (600.0, 14_400.0),
    "crowd_high_c": (25.0, 36.0),
    "crowd_low_c": (25.0, 35.5),
}


def policy(**values: Any) -> EntryPolicy:
    return EntryPolicy(**values)


@pytest.mark.parametrize(("code", "rule", "allowed"), ALL_CASES)
def test_each_reason_takes_its_rules_and_no_other(code: str, rule: Rule, allowed: bool) -> None:
    if allowed:
        assert policy(rules={code: rule}).rule(code) == rule
        return
    with pytest.raises(ConfigError) as caught:
        policy(rules={code: rule})
    for text in (caught.value.zh, caught.value.en):
        assert f'rules.{code} = "{rule}"' in text
        assert all(f'"{one}"' in text for one in reason_of(code).rules)


@pytest.mark.parametrize("rule", ["", "HARD", "soft", None, 1])
def test_what_is_no_rule_is_refused(rule: Any) -> None:
    with pytest.raises(ConfigError, match=r"rules\.too_early"):
        policy(rules={"too_early": rule})


@pytest.mark.parametrize("code", ["", "ok", "obscured", "Fever", "too-early"])
def test_what_is_no_reason_is_refused_with_those_that_are(code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        policy(rules={code: "hard"})
    assert all(row.code in caught.value.en and row.code in caught.value.zh for row in REASONS)


def test_no_rule_switches_off_what_was_measured_or_who_it_is() -> None:
    never_off = {row.code for row in REASONS if "off" not in row.rules}
    assert {row.code for row in REASONS if row.measured} <= never_off
    assert {"under_observation", "outsider", "no_badge", "pass_expired", "two_at_once"} <= never_off


def test_defaults_of_a_school() -> None:
    site = policy()
    hard = {row.code for row in REASONS if site.rule(row.code) == "hard"}
    assert hard == {
        "fever_forehead",
        "fever_face_max",
        "above_crowd",
        "under_observation",
        "outsider",
        "pass_expired",
        "not_approved",
        "two_at_once",
        "badge_too_soon",
    }
    assert [row.code for row in REASONS if site.rule(row.code) == "off"] == ["roster_old"]


def test_what_the_table_does_not_list_is_the_camera_s_own() -> None:
    assert reason_of("a_new_one").code == NOT_MEASURED
    assert policy(rules={NOT_MEASURED: "hard"}).rule("a_new_one") == "hard"
    assert sorted(["obscured", "no_face", "too_late", "hat", "fever_forehead"], key=gravity) == [
        "fever_forehead",
        "too_late",
        "no_face",
        "hat",
        "obscured",
    ]


@pytest.mark.parametrize("name", RANGES)
def test_limits_are_allowed_and_what_lies_beyond_is_refused_by_name(name: str) -> None:
    low, high = RANGES[name]
    floor = {"crowd_low_c": 25.0} if name == "crowd_high_c" else {}
    assert getattr(policy(**floor, **{name: low}), name) == low
    assert getattr(policy(**floor, **{name: high}), name) == high
    step = 1 if isinstance(low, int) else 0.01
    for wrong in (low - step, high + step, math.nan, math.inf, -math.inf):
        with pytest.raises(ConfigError) as caught:
            policy(**floor, **{name: wrong})
        assert caught.value.zh.startswith(name)
        assert caught.value.en.startswith(name)
