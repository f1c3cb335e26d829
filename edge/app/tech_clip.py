"""A clip of what the camera sees, recorded on purpose from the technician's page, kept until it was fetched.

It shows people: so it is asked for with their consent, lies in a folder that nobody but the gate's user may enter, and
is gone with the next clip, when it is thrown away, or when the gate ends.
"""

import contextlib
import queue
import shutil
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from edge.adapters.recording import RecordingWriter
from edge.core.errors import ForegateError, RecordingError
from edge.core.frame import CameraInfo, Frame
from edge.core.texts import Text

LEAST_S, MOST_S = 1, 60
# A camera that brings nothing for so long brings nothing more.
PATIENCE_S = 5.0
MOST_WAITING = 64
NAME = "clip.npz"
# Frames per second are below this for every camera here; what is longer was not measured by our clock.
MOST_FRAMES = MOST_S * 60


class TechClip:
    """One clip at a time. `offer`: for the gate's loop, which never waits for the disk; the rest for any thread.

    folder: made when needed. info: the camera as the gate knows it. software: written into the clip.
    """

    def __init__(self, folder: Path, info: CameraInfo, software: str, announce: Callable[[str], None]) -> None:
        self._folder, self._info, self._software, self._announce = folder, info, software, announce
        self._lock = threading.Lock()
        self._frames: queue.Queue[Frame] = queue.Queue(MOST_WAITING)
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._told: dict[str, Any] = {}
        self.forget()

    @property
    def recording(self) -> bool:
        """Whether one is being recorded."""
        return self._thread is not None and self._thread.is_alive()

    def begin(self, seconds: int, who: str) -> bool:
        """Record for so long (LEAST_S to MOST_S), in place of any other clip; False: one is being recorded."""
        with self._lock:
            if self.recording:
                return False
            self.forget()
            self._stop.clear()
            self._frames = queue.Queue(MOST_WAITING)
            self._announce(f"技术员录制一段 / a technician records a clip: {seconds} s ({who})")
            self._thread = threading.Thread(target=self._record, args=(seconds,), name="clip", daemon=True)
            self._thread.start()
            return True

    def offer(self, frame: Frame) -> None:
        """A frame of the gate's camera."""
        if self.recording:
            # A disk that is too slow costs the clip a frame, never the gate.
            with contextlib.suppress(queue.Full):
                self._frames.put_nowait(frame)

    def view(self) -> Mapping[str, Any]:
        """recording; frames and seconds of it; bytes when it can be fetched; error."""
        path = self._path
        size = path.stat().st_size if not self.recording and path.exists() else None
        return {**self._told, "recording": self.recording, "bytes": size}

    def body(self) -> bytes | None:
        """The whole clip; None: there is none."""
        return None if self.recording or not self._path.exists() else self._path.read_bytes()

    def forget(self) -> None:
        """Throw it away."""
        self._told = {}
        shutil.rmtree(self._folder, ignore_errors=True)

    def close(self) -> None:
        """The gate ends: nothing of it stays."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(PATIENCE_S)
        self.forget()

    @property
    def _path(self) -> Path:
        return self._folder / NAME

    def _record(self, seconds: int) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with RecordingWriter(self._path, self._info, {"software": self._software}) as writer:
                self._write(writer, seconds)
        except (RecordingError, OSError) as error:
            text = Text(error.zh, error.en) if isinstance(error, ForegateError) else Text(str(error), str(error))
            self._announce(str(text))
            self._told = {"error": {"zh": text.zh, "en": text.en}}

    def _write(self, writer: RecordingWriter, seconds: int) -> None:
        began_s: float | None = None
        while not self._stop.is_set() and writer.frame_count < MOST_FRAMES:
            try:
                frame = self._frames.get(timeout=PATIENCE_S)
            except queue.Empty:
                return
            began_s = frame.t_s if began_s is None else began_s
            if frame.t_s - began_s > seconds:
                return
            writer.append(frame)
            self._told = {"frames": writer.frame_count, "seconds": round(frame.t_s - began_s, 1)}
