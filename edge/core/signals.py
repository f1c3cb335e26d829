"""Verdict -> lamp, buzzer and relay. The relay opens for a pass alone, and never without a written record.

verdict        lamp    buzzer   relay
pass           green   short    one pulse
fever          red     alarm    stays closed
not_measured   amber   double   stays closed
(nobody)       off     silent   stays closed
(fault)        amber   silent   stays closed
"""

from dataclasses import dataclass
from typing import Literal

from edge.core.record import Verdict

Lamp = Literal["off", "green", "amber", "red"]
Buzzer = Literal["silent", "short", "double", "alarm"]


@dataclass(frozen=True, slots=True)
class Signal:
    """What the gate shows and does at one moment; `open_gate` asks for one pulse of the relay."""

    lamp: Lamp
    buzzer: Buzzer = "silent"
    open_gate: bool = False


IDLE = Signal("off")
FAULT = Signal("amber")

_VERDICTS: dict[Verdict, Signal] = {
    "pass": Signal("green", "short", open_gate=True),
    "fever": Signal("red", "alarm"),
    "not_measured": Signal("amber", "double"),
}


def signal_for(verdict: Verdict) -> Signal:
    """The signal of a verdict whose record is already on disk."""
    return _VERDICTS[verdict]
