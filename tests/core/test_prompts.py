"""What is said aloud: something for everybody, and nothing that others should not hear."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.prompts import prompt_for, volume_percent
from edge.core.texts import ASKS, PROMPTS, REASONS, VERDICTS

SILENT = {"stopped"}


@pytest.mark.parametrize("reason", sorted(set(REASONS) - {"ok"}))
@pytest.mark.parametrize("verdict", sorted(set(VERDICTS) - {"pass"}))
def test_every_reason_has_a_prompt_or_is_silent_on_purpose(verdict: str, reason: str) -> None:
    prompt = prompt_for(verdict, (reason, "too_cold"))
    assert (prompt is None) == (reason in SILENT)
    assert prompt is None or prompt in PROMPTS
    assert prompt != "pass"


def test_a_pass_is_asked_in() -> None:
    assert prompt_for("pass", ("ok",)) == "pass"


@given(st.sampled_from(["fever", "refused", "not_measured"]), st.lists(st.text(max_size=20), max_size=3))
def test_nothing_but_a_pass_is_asked_in(verdict: str, reasons: list[str]) -> None:
    assert prompt_for(verdict, [*reasons, "ok"][:1] if reasons else []) != "pass"
    assert prompt_for(verdict, ["ok"]) != "pass"


def test_the_gravest_reason_is_said() -> None:
    assert prompt_for("refused", ("under_observation", "too_early")) == "step_aside"
    assert prompt_for("refused", ("too_early", "roster_old")) == "come_later"


def test_fever_and_observation_sound_alike() -> None:
    """Whoever stands around shall not hear which it is."""
    said = {
        prompt_for("fever", ("fever_forehead",)),
        prompt_for("fever", ("above_crowd",)),
        prompt_for("refused", ("under_observation",)),
    }
    assert len(said) == 1


@pytest.mark.parametrize("code", PROMPTS)
def test_prompts_are_short_fixed_and_name_no_illness(code: str) -> None:
    text = PROMPTS[code]
    assert 2 <= len(text.zh) <= 12
    assert 2 <= len(text.en.split()) <= 10
    assert not re.search(r"[0-9{}%°]", text.zh + text.en)
    assert not re.search(
        r"(?i)fever|temperature|\bill|observ|approv|list|发热|发烧|体温|温度|度|隔离|观察|名单|病", text.zh + text.en
    )


def test_what_the_screen_asks_for_can_be_said() -> None:
    assert set(ASKS) <= set(PROMPTS)


MORNING, NIGHT = (390, 510, 100), (1260, 360, 0)


@pytest.mark.parametrize(
    ("minute", "percent"),
    [(389, 80), (390, 100), (509, 100), (510, 80), (1259, 80), (1260, 0), (1439, 0), (0, 0), (359, 0), (360, 80)],
)
def test_volume_by_the_time_of_day_and_past_midnight(minute: int, percent: int) -> None:
    assert volume_percent(minute, 80, (MORNING, NIGHT)) == percent


def test_volume_without_a_clock_or_hours_is_the_usual_one() -> None:
    assert volume_percent(None, 80, (MORNING, NIGHT)) == 80
    assert volume_percent(600, 70, ()) == 70


def test_the_first_that_holds_the_minute_counts() -> None:
    assert volume_percent(400, 80, ((400, 401, 5), MORNING)) == 5
    assert volume_percent(1439, 80, ((0, 1440, 7),)) == 7
