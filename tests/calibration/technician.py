"""A technician in a simulation: does what is asked, types what displays say, and can be made to err."""

from collections.abc import Callable, Mapping

from calibration import procedure, session
from calibration.moves import Note
from calibration.prompts import Prompt, prompt
from calibration.session import Session
from calibration.state import Setup, State
from edge.adapters.camera_sim import BlackbodyCamera
from edge.app.sim_technician import SimTechnician
from edge.core.frame import Frame

ANSWERS = {"technician": "李明", "source_serial": "BB-0042", "source_date": "2026-01-02",
           "low": "33", "high": "40", "verify": "37"}  # fmt: skip
SETUP = Setup("gate-1", 120, 160, 90, 37.0, 0.98, 1_770_000_000_000, ("red", "relay"))


def run(
    camera: BlackbodyCamera,
    *,
    state: State | None = None,
    answers: Mapping[str, str] = ANSWERS,
    until: Callable[[State], bool] = lambda state: state.stage == "sign",
    meddle: Callable[[Prompt, Session], None] = lambda asked, now: None,
    most_frames: int = 6_000,
) -> tuple[State, list[Note]]:
    """Go on until `until`, the end, or most_frames; each prompt is answered as `answers` say, else with Enter."""
    hands = SimTechnician(camera)
    now = session.begin(procedure.start(SETUP) if state is None else state, camera.info)
    notes: list[Note] = []
    frames = 0
    while frames < most_frames and not until(now.state):
        asked = prompt(now.state)
        if asked.kind == "over":
            break
        hands.arrange(asked)
        meddle(asked, now)
        if asked.kind == "wait":
            frame = camera.read(1.0)
            assert isinstance(frame, Frame)
            frames += 1
            now, more = session.on_frame(now, frame, frame.t_s)
        else:
            now, more = session.on_typed(now, answers.get(asked.code, ""))
            if any(note.refused for note in more):
                return now.state, [*notes, *more]
        notes += more
    return now.state, notes
