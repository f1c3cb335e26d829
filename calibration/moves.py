"""From one stage to the next, and what is said on the way."""

from dataclasses import dataclass, replace

from calibration.prompts import NOTES
from calibration.state import STAGES, State
from edge.core.texts import Text


@dataclass(frozen=True, slots=True)
class Note:
    """Something to say of the last event; refused: it has to be done again."""

    code: str
    text: Text
    refused: bool = False


Step = tuple[State, tuple[Note, ...]]


def note(code: str, refused: bool = False) -> Note:
    """One of the known things to say."""
    return Note(code, NOTES[code], refused)


def refused(refusal: tuple[str, Text]) -> Note:
    """What makes a set of readings no calibration."""
    return Note(*refusal, refused=True)


def to(state: State, stage: str) -> State:
    """At the beginning of that stage; a gate without lines has none to try."""
    if stage == "lines" and not state.setup.lines:
        stage = "acceptance"
    return replace(state, stage=stage, step=0, armed=False, window=(), waited=0)


def following(state: State) -> State:
    """At the beginning of the next stage."""
    return to(state, STAGES[STAGES.index(state.stage) + 1])
