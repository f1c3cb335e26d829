"""The fail-safe table: which verdict lights, sounds and opens what."""

from typing import get_args

import pytest

from edge.core.contents import Verdict
from edge.core.signals import FAULT, IDLE, Buzzer, Lamp, Signal, signal_for


@pytest.mark.parametrize(
    ("verdict", "lamp", "buzzer"),
    [
        ("pass", "green", "short"),
        ("fever", "red", "alarm"),
        ("refused", "red", "long"),
        ("not_measured", "amber", "double"),
    ],
)
def test_table(verdict: Verdict, lamp: Lamp, buzzer: Buzzer) -> None:
    signal = signal_for(verdict)
    assert (signal.lamp, signal.buzzer) == (lamp, buzzer)


def test_only_a_pass_opens_the_gate() -> None:
    assert [verdict for verdict in get_args(Verdict) if signal_for(verdict).open_gate] == ["pass"]


@pytest.mark.parametrize("signal", [IDLE, FAULT])
def test_without_a_person_the_gate_is_shut_and_silent(signal: Signal) -> None:
    assert not signal.open_gate
    assert signal.buzzer == "silent"


def test_verdicts_are_told_apart_by_lamp_and_by_sound() -> None:
    signals = [signal_for(verdict) for verdict in get_args(Verdict)]
    assert len({signal.lamp for signal in signals}) == len({signal.buzzer for signal in signals}) == len(signals)
