"""The calibration procedure behind the technician's page: one at a time, in a thread of its own.

With a real camera the gate's loop hands its frames over (`offer`) and stays in maintenance; a simulation brings its own
blackbody and hands.
"""

import logging
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from edge.app.config import Config
from edge.app.tech_picture import TechPicture
from edge.core.errors import ForegateError
from edge.core.frame import CameraInfo, Frame, NoFrame
from edge.core.profile import Profile

# A second of them: whatever was waiting while somebody typed is not taken for what there is now.
MOST_FRAMES = 9
# The simulation's slowest look, and a signature.
STOPS_WITHIN_S = 10.0

Announce = Callable[[str], None]
log = logging.getLogger(__name__)


class _Feed:
    """The gate's own frames as a camera of the procedure."""

    def __init__(self, info: CameraInfo) -> None:
        self.info = info
        self._frames: queue.Queue[Frame] = queue.Queue(MOST_FRAMES)

    def offer(self, frame: Frame) -> None:
        while True:
            try:
                self._frames.put_nowait(frame)
            except queue.Full:
                # The oldest is missed least; perhaps the procedure has just taken it.
                with suppress(queue.Empty):
                    self._frames.get_nowait()
            else:
                return

    def read(self, timeout_s: float) -> Frame | NoFrame:
        try:
            return self._frames.get(timeout=timeout_s)
        except queue.Empty:
            return NoFrame("stalled")

    def close(self) -> None:
        """The camera is the gate's."""


class TechCalibration:
    """One procedure at a time; for any thread, `offer` for the gate's loop. signed: told what is in force now."""

    def __init__(
        self,
        config: Config,
        info: CameraInfo,
        picture: TechPicture,
        announce: Announce,
        signed: Callable[[Profile], None] = lambda profile: None,
    ) -> None:
        self._config, self._info, self._picture, self._announce = config, info, picture, announce
        self._signed = signed
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._feed: _Feed | None = None
        self._typed: queue.Queue[tuple[str, str]] = queue.Queue(4)
        self._view: dict[str, Any] = {}

    @property
    def running(self) -> bool:
        """Whether a procedure is under way."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def brings_pictures(self) -> bool:
        """Whether the picture to look at is the procedure's own, not the gate's camera's."""
        return self.running and self._config.camera.kind == "sim"

    @property
    def unfinished(self) -> bool:
        """Whether one was begun and not ended."""
        return self._config.calibration_session_file.exists()

    def start(self, again: bool, valid_days: float) -> bool:
        """Begin, or go on; False: one is running."""
        with self._lock:
            if self.running:
                return False
            self._stop = threading.Event()
            self._typed = queue.Queue(4)
            self._feed = None if self._config.camera.kind == "sim" else _Feed(self._info)
            self._view = {}
            self._thread = threading.Thread(target=self._run, args=(again, valid_days), name="calibration", daemon=True)
            self._thread.start()
            return True

    def leave(self) -> None:
        """Have it stop soon, as it is; it can be gone on with. Returns at once."""
        self._stop.set()

    def stop(self) -> None:
        """Have it stop as it is, and wait for that."""
        self.leave()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(STOPS_WITHIN_S)

    def offer(self, frame: Frame) -> None:
        """A frame of the gate's camera."""
        feed = self._feed
        if feed is not None and self.running:
            feed.offer(frame)

    def type(self, code: str, text: str) -> bool:
        """What was typed at the prompt of this code; False: too much was typed, or nothing is running."""
        if not self.running:
            return False
        try:
            self._typed.put_nowait((code, text))
        except queue.Full:
            return False
        return True

    def view(self) -> dict[str, Any]:
        """What the page shows."""
        with self._lock:
            return {**self._view, "running": self.running, "unfinished": self.unfinished}

    def _run(self, again: bool, valid_days: float) -> None:
        # A gate that is not being calibrated spends no time and no memory on it.
        from edge.app.calibrate_command import Options
        from edge.app.tech_procedure import Procedure

        options = Options(again=again, valid_days=valid_days)
        try:
            procedure = Procedure(self._config, options, self._feed, self._picture, self._announce, self._signed)
            procedure.run(self._stop, self._typed, self._show)
        except ForegateError as error:
            self._announce(str(error))
            self._show({"error": {"zh": error.zh, "en": error.en}})
        except Exception:  # whatever it is, the gate goes on, and the log says what it was
            log.exception("the calibration has stopped")
            self._show({"error": {"zh": "程序缺陷，详见日志", "en": "a defect: see the log"}})

    def _show(self, view: dict[str, Any]) -> None:
        with self._lock:
            self._view = view
