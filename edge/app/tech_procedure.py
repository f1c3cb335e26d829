"""One run of the calibration procedure behind the technician's page: frames and typed lines in, what to show out.

The very session of the terminal's wizard. The state goes to the wizard's file after each step, so that page and
terminal go on from each other, and from a kill -9.
"""

import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from calibration import session
from calibration import state as states
from calibration.acceptance import NAMES, in_words
from calibration.concluding import Conclusion, conclude
from calibration.moves import Note
from calibration.procedure import CELL, SETTLED_S, Signed, progress
from calibration.profiling import plain_profile
from calibration.prompts import GRID, Prompt, prompt
from calibration.state import STAGES, State
from calibration.wizard import STAGE_NAMES
from edge.adapters.profile_file import install, replace_whole
from edge.app import bootstrap
from edge.app.calibrate_command import Options, begun, calibration_camera
from edge.app.config import Config
from edge.app.tech_picture import TechPicture
from edge.core.frame import Frame, celsius
from edge.core.geometry import Box, to_upright, upright
from edge.core.profile import Profile
from edge.core.tech import Look
from edge.core.texts import Text
from edge.ports import Camera

READ_TIMEOUT_S = 0.5
TYPED_TIMEOUT_S = 0.15
MOST_NOTES = 12

Announce = Callable[[str], None]
Typed = queue.Queue[tuple[str, str]]


class Procedure:
    """One run, in its own thread. feed: the gate's frames, None: a simulation's own. signed: told the new profile."""

    def __init__(
        self,
        config: Config,
        options: Options,
        feed: Camera | None,
        picture: TechPicture,
        announce: Announce,
        signed: Callable[[Profile], None],
    ) -> None:
        self._config, self._options, self._picture, self._signed = config, options, picture, signed
        self._camera, self._arrange = (feed, _no_hands) if feed is not None else calibration_camera(config)
        self._own_pictures = feed is None
        clock = bootstrap.open_clock()
        self._clock_s = clock.now_s
        began = begun(config, self._camera, options, announce)
        self._now = session.begin(began, self._camera.info, config.camera.settling_s)
        self._notes: deque[dict[str, Any]] = deque(maxlen=MOST_NOTES)
        self._stage = ""
        self._result: dict[str, Any] | None = None

    def run(self, stop: threading.Event, typed: Typed, show: Callable[[dict[str, Any]], None]) -> None:
        """Until it is over or stopped."""
        while not stop.is_set():
            asked = prompt(self._now.state)
            if self._now.state.stage != self._stage:
                self._stage = self._now.state.stage
                if self._stage == "acceptance" and not self._concluded():
                    continue
            show(self._told(asked))
            if asked.kind == "over":
                self._config.calibration_session_file.unlink(missing_ok=True)
                return
            self._arrange(asked)
            if self._stage == "sign":
                self._sign()
            elif asked.kind == "wait":
                self._frame()
            else:
                self._wait_for(asked, typed)

    def _frame(self) -> None:
        got = self._camera.read(READ_TIMEOUT_S)
        if not isinstance(got, Frame):
            self._note(Note("no_picture", Text(f"没有画面（{got.reason}）", f"no picture ({got.reason})")))
            return
        self._show_picture(got)
        before = self._now.state
        own_clock = self._config.camera.kind in ("sim", "replay")
        self._now, notes = session.on_frame(self._now, got, got.t_s if own_clock else self._clock_s())
        for one in notes:
            self._note(one)
        after = self._now.state
        if (before.stage, before.step, before.armed) != (after.stage, after.step, after.armed):
            self._save()

    def _wait_for(self, asked: Prompt, typed: Typed) -> None:
        try:
            code, text = typed.get(timeout=TYPED_TIMEOUT_S)
        except queue.Empty:
            # Somebody puts the source in its place meanwhile and wants to see it.
            if self._own_pictures and self._picture.wanted:
                self._frame_only()
            return
        if code != asked.code:
            return  # typed at a prompt that is gone
        self._now, notes = session.on_typed(self._now, text)
        for one in notes:
            self._note(one)
        self._save()

    def _frame_only(self) -> None:
        got = self._camera.read(READ_TIMEOUT_S)
        if isinstance(got, Frame):
            self._show_picture(got)

    def _show_picture(self, frame: Frame) -> None:
        if self._own_pictures and self._picture.wanted:
            rotation_deg = self._now.observer.rotation_deg
            corrected_c = upright(celsius(frame), rotation_deg)
            region = self._now.state.region
            box = None if region is None else Box(*region)
            self._picture.saw(Look(frame, rotation_deg, corrected_c, "ok", box))

    def _concluded(self) -> bool:
        found = conclude(self._now.state, _utc_ms())
        if not isinstance(found, Conclusion):
            self._note(Note(*found, refused=True))
            # A set that gives no calibration is measured anew from its first point on.
            self._now = session.back_to(self._now, "low")
            self._save()
            return False
        words = in_words(found.acceptance)
        self._result = {
            "passed": found.acceptance.passed,
            "words": _text(words),
            "gain": found.correction.gain,
            "offset_k": found.correction.offset_k,
            "items": [
                {
                    "name": _text(NAMES[item.code]),
                    "value_k": item.value_k,
                    "limit_k": item.limit_k,
                    "passed": item.passed,
                }
                for item in found.acceptance.items
            ],
            "residuals": [
                {"true_c": one.true_c, "residual_k": found.correction.true_c(one.mean_c) - one.true_c}
                for one in (self._now.state.series(name) for name in ("low", "high", "verify"))
            ],
        }
        return True

    def _sign(self) -> None:
        state = self._now.state
        found = conclude(state, _utc_ms())
        if not isinstance(found, Conclusion):
            self._now = session.back_to(self._now, "low")
            return
        key = bootstrap.open_device_key(self._config)
        plain = plain_profile(state, found, _utc_ms(), self._options.valid_days, bootstrap.software_version())
        signed = install(self._config.calibration_file, plain, key.sign)
        self._signed(signed)
        self._now, notes = session.on_event(self._now, Signed(signed.id))
        for one in notes:
            self._note(one)
        self._save()

    def _save(self) -> None:
        replace_whole(self._config.calibration_session_file, states.dumped(self._now.state))

    def _note(self, note: Note) -> None:
        """The same trouble, second after second, is told once."""
        if not self._notes or self._notes[-1]["code"] != note.code or note.refused:
            self._notes.append({"code": note.code, "text": _text(note.text), "refused": note.refused})

    def _told(self, asked: Prompt) -> dict[str, Any]:
        state = self._now.state
        question = asked.question
        return {
            "stage": state.stage,
            "stages": [{"code": code, "name": _text(STAGE_NAMES[code])} for code in STAGES],
            "prompt": {
                "kind": asked.kind,
                "code": asked.code,
                "text": _text(asked.text),
                "line": asked.line,
                "unit": None if question is None else question.unit,
                "default": None if question is None or question.default is None else str(question.default),
                "date": question is not None and question.kind == "date",
                "number": question is not None and question.kind == "number",
            },
            "notes": list(self._notes),
            "progress": {**progress(state), "needed_s": SETTLED_S} if state.armed else None,
            "points": _points(state),
            "places": [{"c": c} for _, _, c in state.spots],
            "distances": [{"m": m, "c": c, "px": px} for m, c, px in state.distances],
            "target": _target(state),
            "source": self._source(state),
            "result": self._result if state.stage in ("acceptance", "sign", "done") else None,
            "profile_id": state.profile_id,
        }

    def _source(self, state: State) -> dict[str, float] | None:
        """Where the blackbody was seen last, as fractions of the upright picture."""
        if not state.window:
            return None
        setup, last = state.setup, state.window[-1]
        x, y = (last.u + 1) / 2 * setup.columns, (last.v + 1) / 2 * setup.rows
        box = to_upright(Box(x, y, x, y), self._now.observer.rotation_deg, setup.columns, setup.rows)
        turned = self._now.observer.rotation_deg in (90, 270)
        wide, high = (setup.rows, setup.columns) if turned else (setup.columns, setup.rows)
        return {"x": box.x0 / wide, "y": box.y0 / high, "r": last.radius_px / wide}


def _points(state: State) -> list[dict[str, float | str]]:
    """The points that were read: what was typed, what was seen, how calm it was."""
    told: list[dict[str, float | str]] = []
    for name in state.points:
        series = state.series(name)
        told.append({"name": name, "true_c": series.true_c, "seen_c": series.mean_c, "spread_k": series.spread_k})
    return told


def _target(state: State) -> dict[str, float] | None:
    """Where the source is wanted, as fractions of the upright picture."""
    if state.stage == "uniformity":
        x, y = GRID[state.step]
        return {"x": x, "y": y, "r": CELL}
    if state.stage in ("low", "high", "verify", "distance"):
        x, y = GRID[0]
        return {"x": x, "y": y, "r": CELL}
    return None


def _no_hands(asked: Prompt) -> None:
    """With a real camera a person does what is asked."""


def _text(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _utc_ms() -> int:
    return round(time.time() * 1000)
