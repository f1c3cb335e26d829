"""One thread that owns one device, from its opening to its release, so that a call that hangs holds up nobody else.

flirpy is not thread-safe and cannot be interrupted: a stuck worker is abandoned, and lets go of its device itself
when its call comes back.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from edge.adapters.camera_flirpy.devices import Device
from edge.core.frame import Gain, NoFrame


@dataclass(frozen=True, slots=True)
class Timing:
    """How long what is borne, in seconds.

    oldest_s: an older picture is not delivered; stuck_s: a single call that takes longer is given up (above
    OpenCV's own limit of 2 s); gone_s: a failure quicker than this means that the device is gone; failures: so many
    in a row end the object; fruitless_s: so does bringing nothing but what is refused for so long; first_pause_s,
    longest_pause_s: between attempts; forbidden_s: how long udev may take to grant permission; close_s: how long
    `close` waits; most_abandoned: threads that may hang at the same time.
    """

    oldest_s: float = 1.0
    stuck_s: float = 6.0
    gone_s: float = 0.5
    failures: int = 2
    fruitless_s: float = 10.0
    first_pause_s: float = 0.25
    longest_pause_s: float = 2.0
    forbidden_s: float = 5.0
    close_s: float = 3.0
    most_abandoned: int = 4


@dataclass(frozen=True, slots=True)
class Grab:
    """What came out of one grab, and when it was taken, in seconds of the monotonic clock."""

    image: NDArray[Any]
    taken_s: float


class Worker:
    """Opens a device and grabs from it until it fails or is dismissed; keeps the newest result only."""

    def __init__(self, open_device: Callable[[], Device | NoFrame], now_s: Callable[[], float], timing: Timing) -> None:
        self._open, self._now_s, self._timing = open_device, now_s, timing
        self.gain: Gain = "unknown"
        self._news = threading.Condition()
        self._result: Grab | NoFrame | None = None
        self._ended = False
        self._dismissed = False
        self._call_began_s = now_s()
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)
        self._thread.start()

    def take(self, deadline_s: float) -> Grab | NoFrame | None:
        """The newest picture not taken yet, waited for until the deadline (None: none came), or why it has ended."""
        with self._news:
            while True:
                result, self._result = self._result, None
                now_s = self._now_s()
                if isinstance(result, Grab) and now_s - result.taken_s > self._timing.oldest_s:
                    continue
                if result is not None:
                    return result
                if now_s >= deadline_s:
                    return None
                self._news.wait(deadline_s - now_s)

    def busy_s(self) -> float:
        """How long the device's current call has taken so far."""
        return self._now_s() - self._call_began_s

    def has_ended(self) -> bool:
        return self._ended

    def dismiss(self) -> None:
        """End after the current call, whenever that comes back."""
        self._dismissed = True

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    def _run(self) -> None:
        last = NoFrame("stalled", "the camera's thread ended by an error of its own")
        try:
            device = self._open()
            if isinstance(device, NoFrame):
                last = device
                return
            try:
                self.gain = device.gain()
                last = self._grab_until_it_fails(device)
            finally:
                # Released before the end is told: the next worker needs the device node.
                device.release()
        finally:
            self._tell(last, ended=True)

    def _grab_until_it_fails(self, device: Device) -> NoFrame:
        failures = 0
        while True:
            self._call_began_s = began_s = self._now_s()
            try:
                image = device.grab()
            except (OSError, ValueError, TypeError, RuntimeError) as error:
                return NoFrame("stalled", f"grab failed: {error}")
            now_s = self._now_s()
            if self._dismissed:
                return NoFrame("ended")
            if image is not None:
                failures = 0
                self._tell(Grab(image, device.taken_s(now_s)))
                continue
            failures += 1
            # A stream that stalls makes OpenCV wait; on a device that is gone it fails at once. During the
            # shutter the stream stops for about 2 s, so a single timeout is no reason to open anew.
            if now_s - began_s < self._timing.gone_s:
                return NoFrame("not_connected", "the camera is gone")
            if failures >= self._timing.failures:
                return NoFrame("stalled", f"{failures} grabs without a picture")

    def _tell(self, result: Grab | NoFrame, *, ended: bool = False) -> None:
        with self._news:
            self._result, self._ended = result, ended
            self._news.notify_all()
