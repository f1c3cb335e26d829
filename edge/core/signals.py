"""Verdict -> lamp, buzzer and relay. The gate opens for a pass alone, and never without a written record.

verdict        lamp    buzzer   relay
pass           green   short    one pulse: the gate opens
fever          red     alarm    none: the gate stays shut
refused        red     double   none: the gate stays shut
not_measured   amber   double   none: the gate stays shut
(nobody)       off     silent   none: the gate stays shut
(fault)        amber   silent   none: the gate stays shut
"""

from dataclasses import dataclass
from typing import Literal

from edge.core.contents import Verdict

Lamp = Literal["off", "green", "amber", "red"]
Buzzer = Literal["silent", "short", "double", "alarm"]


@dataclass(frozen=True, slots=True)
class Signal:
    """What the gate shows and does at one moment; `open_gate` asks for one pulse of the relay."""

    lamp: Lamp
    buzzer: Buzzer = "silent"
    open_gate: bool = False


@dataclass(frozen=True, slots=True)
class Input:
    """Something that an input line told: the turnstile turned, the exit button, the fire contact, the tamper switch."""

    kind: Literal["passed", "exit", "fire", "tamper"]
    active: bool
    t_s: float


IDLE = Signal("off")
FAULT = Signal("amber")

_VERDICTS: dict[Verdict, Signal] = {
    "pass": Signal("green", "short", open_gate=True),
    "fever": Signal("red", "alarm"),
    "refused": Signal("red", "double"),
    "not_measured": Signal("amber", "double"),
}


def signal_for(verdict: Verdict) -> Signal:
    """The signal of a verdict whose record is already on disk."""
    return _VERDICTS[verdict]
