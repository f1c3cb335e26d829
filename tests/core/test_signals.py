"""What the gate says: which signal lights, sounds and opens what, and that nobody needs to see colours."""

from typing import get_args

import pytest

from edge.core.contents import Verdict
from edge.core.signals import EXIT, FAULT, IDLE, SIGNALS, WAITING, Buzzer, Lamp, Signal, opens_for, signal_for


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


def test_every_verdict_has_a_signal_and_a_pass_and_an_exit_alone_open() -> None:
    assert {verdict for verdict in get_args(Verdict) if signal_for(verdict).open_gate} == {"pass"}
    assert {name for name, signal in SIGNALS.items() if signal.open_gate} == {"pass", "exit"}


def test_opens_for_the_very_signal_and_no_other_that_asks() -> None:
    assert {name: opens_for(signal) for name, signal in SIGNALS.items() if opens_for(signal)} == {
        "pass": "pass",
        "exit": "exit",
    }
    assert opens_for(Signal("red", "short", open_gate=True)) is None
    assert opens_for(Signal("green", "short")) is None


@pytest.mark.parametrize("signal", [IDLE, FAULT, WAITING])
def test_without_a_verdict_the_gate_is_shut_and_silent(signal: Signal) -> None:
    assert not signal.open_gate
    assert signal.buzzer == "silent"


def test_any_two_signals_are_told_apart_without_seeing_the_colour() -> None:
    seen = {name: (signal.lamp != "off", signal.rhythm, signal.buzzer) for name, signal in SIGNALS.items()}
    assert len(set(seen.values())) == len(SIGNALS), seen


def test_only_what_opens_or_is_open_is_green() -> None:
    assert {name for name, signal in SIGNALS.items() if signal.lamp == "green"} == {"pass", "exit", "fire"}
    assert EXIT.lamp == "green"
