"""What the technician types, stage by stage: taken, or refused with its reason."""

import math
from dataclasses import replace

from calibration import questions
from calibration.moves import Note, Step, following, note, to
from calibration.prompts import SOURCES, prompt
from calibration.questions import NoAnswer, Question
from calibration.state import State
from edge.core.texts import Text

FIELD_DEG, FIELD_PX = 57.0, 160


def on_typed(state: State, typed: str) -> Step:
    """What the technician typed, without blanks around it, taken in the stage it was typed in."""
    stage, asked = state.stage, prompt(state)
    if asked.question is not None:
        return _answered(state, asked.question, typed)
    if asked.kind == "wait":
        return state, ()
    if stage in ("uniformity", "distance"):
        return replace(state, armed=True, window=(), waited=0), ()
    if stage == "reference":
        return _region(state, typed)
    if stage == "lines":
        return _line(state, typed)
    if stage == "acceptance":
        if typed.lower() in ("n", "no"):
            return replace(state, over="declined"), ()
        return following(state), ()
    return state, ()


def _answered(state: State, question: Question, typed: str) -> Step:
    found = questions.answer(question, typed)
    if isinstance(found, NoAnswer):
        return state, (Note(found.why, found.text, refused=True),)
    state = replace(state, answers={**state.answers, question.code: found})
    if question.code == "sensor_serial":
        return following(replace(state, serial=str(found))), ()
    if state.stage in SOURCES:
        return replace(state, armed=True, window=(), waited=0), ()
    asked = questions.ABOUT if state.stage == "about" else questions.GEOMETRY
    if state.step + 1 < len(asked):
        return replace(state, step=state.step + 1), ()
    unseen = _unseen(state) if state.stage == "geometry" else None
    if unseen is not None:
        return to(state, "geometry"), (note(unseen, refused=True),)
    return following(state), ()


def _region(state: State, typed: str) -> Step:
    if not typed:
        return following(state), ()
    try:
        x0, y0, x1, y1 = (float(one) for one in typed.replace(",", " ").split())
    except ValueError:
        x0 = y0 = x1 = y1 = math.nan
    wide, high = (state.setup.columns, state.setup.rows)
    if state.setup.rotation_deg in (90, 270):
        wide, high = high, wide
    if not (0 <= x0 < x1 - 4 and x1 <= wide and 0 <= y0 < y1 - 4 and y1 <= high):
        text = Text("请写四个数：左 上 右 下（像素）", "write four numbers: left top right bottom, in pixels")
        return state, (Note("no_number", text, refused=True),)
    return replace(state, region=(x0, y0, x1, y1)), ()


def _line(state: State, typed: str) -> Step:
    name, said = state.setup.lines[state.step], typed.lower()
    if said not in ("", "y", "yes", "n", "no"):
        return state, ()  # r: once more
    works = said not in ("n", "no")
    state = replace(state, lines={**state.lines, name: works})
    notes = () if works else (note("line_failed", refused=True),)
    if state.step + 1 < len(state.setup.lines):
        return replace(state, step=state.step + 1), notes
    return following(state), notes


def _unseen(state: State) -> str | None:
    """Whose forehead would not be in the picture. The camera's 160 pixels span 57 degrees (Lepton 3.5)."""
    along_px = FIELD_PX if state.setup.rotation_deg in (90, 270) else 120
    half_deg = FIELD_DEG / 2 * along_px / FIELD_PX
    tilt_deg, away_m = state.number("tilt_deg"), state.number("working_m")
    low_m, high_m = (
        state.number("camera_m") + away_m * math.tan(math.radians(tilt_deg + side * half_deg)) for side in (-1, 1)
    )
    # The middle of a forehead stands at 0.94 of the height.
    if not low_m <= 0.94 * state.number("child_m"):
        return "child_unseen"
    return "adult_unseen" if 0.94 * state.number("adult_m") > high_m else None
