"""One run of the procedure over a stream of frames: observer and state machine together; the wizard drives it."""

from dataclasses import dataclass, replace
from typing import cast

from calibration import pixels, procedure
from calibration.moves import Note, to
from calibration.observing import Observer, observe
from calibration.procedure import Event, Pixels, Typed
from calibration.state import State
from edge.core.frame import CameraInfo, Frame
from edge.core.geometry import Box, Rotation


@dataclass(frozen=True, slots=True)
class Session:
    """state: what goes to the file; observer: what the last frames left, which does not."""

    state: State
    observer: Observer


def begin(state: State, camera: CameraInfo, settling_s: float = 10.0) -> Session:
    """A session from a new state, or from one that was written before an interruption."""
    setup = state.setup
    rotation_deg = cast(Rotation, setup.rotation_deg)
    return Session(state, Observer(camera, rotation_deg, setup.reference_c, settling_s=settling_s))


def on_frame(session: Session, frame: Frame, now_s: float) -> tuple[Session, tuple[Note, ...]]:
    """One frame further; now_s on the clock of frame.t_s."""
    state, region = session.state, session.state.region
    observer = replace(session.observer, region=None if region is None else Box(*region))
    if region is None and state.stage != "reference":
        # While warming up the reference may be anywhere, but it is one and the same.
        observer = replace(observer, region=session.observer.region)
    observer, seen = observe(observer, frame, now_s)
    if seen is None:
        return replace(session, observer=observer), ()
    session, notes = on_event(replace(session, observer=observer), seen)
    if state.stage == "warm_up" and session.state.stage != "warm_up":
        session, more = on_event(session, Pixels(pixels.bad_pixels(observer.statistics)))
        notes = (*notes, *more)
    return session, notes


def on_typed(session: Session, text: str) -> tuple[Session, tuple[Note, ...]]:
    """What the technician typed."""
    return on_event(session, Typed(text))


def on_event(session: Session, event: Event) -> tuple[Session, tuple[Note, ...]]:
    """Anything else."""
    state, notes = procedure.step(session.state, event)
    return replace(session, state=state), notes


def back_to(session: Session, stage: str) -> Session:
    """That stage has to be done again, and what follows."""
    return replace(session, state=to(session.state, stage))
