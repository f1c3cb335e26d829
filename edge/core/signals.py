"""What the gate says with lamp, buzzer and relay. It opens for a pass or an exit, and never without a written record.

name          lamp           buzzer   relay
pass          green          short    one pulse: the gate opens
exit          green          silent   one pulse: somebody leaves
fever         red, fast      alarm    none: the gate stays shut
refused       red, slow      long     none
not_measured  amber          double   none
waiting       amber, slow    silent   none: measured, and no badge yet (or the other way round)
one_at_a_time amber, fast    triple   none: more than one person stands in the zone
alert         red, slow      alarm    none: forced, tailgated or tampered with
fire          green, fast    silent   held open by the pins' adapter while the fire input is active
idle          off            silent   none: nobody is there
fault         amber, wink    silent   none: the gate cannot decide

Without the colour, rhythm and sound together still tell any two of them apart: a guard may be colour-blind, or look
at the children. What happens when something breaks: fail_safe.py.
"""

from dataclasses import dataclass
from typing import Literal

from edge.core.contents import Verdict

Lamp = Literal["off", "green", "amber", "red"]
Buzzer = Literal["silent", "short", "long", "double", "triple", "alarm"]
Rhythm = Literal["steady", "slow", "fast", "wink"]


@dataclass(frozen=True, slots=True)
class Signal:
    """What the gate shows and does at one moment; `open_gate` asks for one pulse of the relay."""

    lamp: Lamp
    buzzer: Buzzer = "silent"
    open_gate: bool = False
    rhythm: Rhythm = "steady"


@dataclass(frozen=True, slots=True)
class Input:
    """Something that an input line told; t_s: when, in seconds since boot.

    passed     somebody went through an open gate: opened_by says for whom it was opened, since_open_s how long before
    tailgate   somebody else went through the opening that was meant for one
    forced     somebody went through a gate that nobody had opened
    exit       the exit button: active when pressed, not active when let go
    fire       the fire contact: active from the alarm on; meanwhile the gate is held open by itself
    tamper     the housing: active while it is open
    """

    kind: Literal["passed", "tailgate", "forced", "exit", "fire", "tamper"]
    active: bool
    t_s: float
    opened_by: Literal["pass", "exit", "fire"] | None = None
    since_open_s: float | None = None


EXIT = Signal("green", open_gate=True)
WAITING = Signal("amber", rhythm="slow")
ONE_AT_A_TIME = Signal("amber", "triple", rhythm="fast")
ALERT = Signal("red", "alarm", rhythm="slow")
FIRE = Signal("green", rhythm="fast")
IDLE = Signal("off")
FAULT = Signal("amber", rhythm="wink")

_VERDICTS: dict[Verdict, Signal] = {
    "pass": Signal("green", "short", open_gate=True),
    "fever": Signal("red", "alarm", rhythm="fast"),
    "refused": Signal("red", "long", rhythm="slow"),
    "not_measured": Signal("amber", "double"),
}

SIGNALS: dict[str, Signal] = {
    **{str(verdict): signal for verdict, signal in _VERDICTS.items()},
    "exit": EXIT,
    "waiting": WAITING,
    "one_at_a_time": ONE_AT_A_TIME,
    "alert": ALERT,
    "fire": FIRE,
    "idle": IDLE,
    "fault": FAULT,
}


def signal_for(verdict: Verdict) -> Signal:
    """The signal of a verdict whose record is already on disk."""
    return _VERDICTS[verdict]


def opens_for(signal: Signal) -> Literal["pass", "exit"] | None:
    """For whom this very signal opens the gate; None for every other one, whatever it asks for."""
    if signal == _VERDICTS["pass"]:
        return "pass"
    return "exit" if signal == EXIT else None
