"""The real cameras, through flirpy, whose every known fault ends here as a reason and never as a wrong picture.

A thread of its own owns each flirpy object (worker.py), so that nothing it does holds up the gate; an object that
failed is released and never used again, since after an unplug it would fail for ever and pin its device node.
Tried: the Lepton on a simulated PureThermal board (tests/rig). Untried: a physical Lepton, a physical Boson.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.adapters.camera_flirpy.devices import Device, open_boson, open_lepton
from edge.adapters.camera_flirpy.worker import Grab, Timing, Worker
from edge.core.errors import CameraError
from edge.core.frame import CameraInfo, Frame, Gain, NoFrame, Telemetry, refusal
from edge.core.telemetry import LINES, decode

__all__ = ["BosonCamera", "Device", "LeptonCamera", "Timing"]


_Picture = tuple[NDArray[np.uint16], Telemetry] | NoFrame

LEPTON = CameraInfo("FLIR Lepton 3.5", rows=120, columns=160)
BOSON = CameraInfo("FLIR Boson 320", rows=256, columns=320)


class _FlirpyCamera:
    """Keeps one worker going, and turns what it grabbed into a frame or a reason."""

    def __init__(
        self,
        info: CameraInfo,
        picture: Callable[[NDArray[Any]], _Picture],
        open_device: Callable[[], Device | NoFrame],
        timing: Timing | None,
        now_s: Callable[[], float],
    ) -> None:
        self.info, self._picture = info, picture
        self._open, self._timing, self._now_s = open_device, timing or Timing(), now_s
        self._worker: Worker | None = None
        self._abandoned: list[Worker] = []
        self._closed = threading.Event()
        self._seq = 0
        self._last: Frame | None = None
        self._trouble: NoFrame | None = None
        self._pause_s = 0.0
        self._not_before_s = float("-inf")
        self._forbidden_since_s: float | None = None
        self._fruitless_since_s: float | None = None
        self._uptime_ms: int | None = None

    def read(self, timeout_s: float) -> Frame | NoFrame:
        """The next frame, or why there is none; see edge.ports.Camera. CameraError: no permission, and it stays so."""
        deadline_s = self._now_s() + timeout_s
        worker = self._running_worker(deadline_s)
        if self._closed.is_set():
            return NoFrame("ended")
        if worker is None:
            return self._trouble or NoFrame("stalled", "waiting before the next attempt")
        grab = worker.take(deadline_s)
        if grab is None:
            if worker.busy_s() > self._timing.stuck_s:
                hangs = NoFrame("stalled", f"a grab hangs for {worker.busy_s():.1f} s")
                self._give_up(worker, hangs)
                return hangs
            return self._fruitless(worker, self._trouble or NoFrame("stalled", f"nothing for {timeout_s:.1f} s"))
        if isinstance(grab, NoFrame):
            self._give_up(worker, grab)
            return grab
        got = self._judged(grab, worker.gain)
        return got if isinstance(got, Frame) else self._fruitless(worker, got)

    def close(self) -> None:
        self._closed.set()
        if self._worker is not None:
            self._worker.dismiss()
            self._worker.join(self._timing.close_s)
            self._worker = None

    def _judged(self, grab: Grab, gain: Gain) -> Frame | NoFrame:
        picture = self._picture(grab.image)
        if isinstance(picture, NoFrame):
            return self._refuse(picture)
        counts, telemetry = picture
        if telemetry.gain == "unknown":
            telemetry = replace(telemetry, gain=gain)
        self._excuse(telemetry)
        frame = Frame(counts, self._seq, grab.taken_s, self.info.unit, telemetry)
        wrong = _wrong_mode(telemetry) or refusal(counts, self.info.unit, self.info.rows, self.info.columns)
        if wrong is None and self._last is not None and _repeats(self._last, frame):
            wrong = NoFrame("repeated", f"frame counter {telemetry.frame_counter}, taken at {grab.taken_s:.3f} s")
        if wrong is not None:
            return self._refuse(wrong)
        self._seq, self._last = self._seq + 1, frame
        self._trouble, self._pause_s, self._forbidden_since_s, self._fruitless_since_s = None, 0.0, None, None
        return frame

    def _excuse(self, telemetry: Telemetry) -> None:
        """No frame is due while the shutter is closed, as long as the sensor's clock shows that it lives."""
        if telemetry.shutter == "closed" and telemetry.uptime_ms != self._uptime_ms:
            self._fruitless_since_s = None
        self._uptime_ms = telemetry.uptime_ms

    def _fruitless(self, worker: Worker, why: NoFrame) -> NoFrame:
        """A frozen stream or a wrong mode may be cured by opening the device anew; it is not by waiting."""
        now_s = self._now_s()
        if self._fruitless_since_s is None:
            self._fruitless_since_s = now_s
        elif now_s - self._fruitless_since_s > self._timing.fruitless_s:
            self._give_up(worker, why)
        return why

    def _refuse(self, why: NoFrame) -> NoFrame:
        self._trouble = why
        return why

    def _running_worker(self, deadline_s: float) -> Worker | None:
        if self._worker is None:
            pause_s = min(self._not_before_s, deadline_s) - self._now_s()
            if pause_s > 0:
                self._closed.wait(pause_s)
            self._abandoned = [worker for worker in self._abandoned if not worker.has_ended()]
            now_s = self._now_s()
            if now_s < self._not_before_s or self._closed.is_set():
                return None
            if len(self._abandoned) >= self._timing.most_abandoned:
                self._trouble = NoFrame("stalled", f"{len(self._abandoned)} grabs never came back")
                self._not_before_s = now_s + self._timing.longest_pause_s
                return None
            self._worker = Worker(self._open, self._now_s, self._timing)
        return self._worker

    def _give_up(self, worker: Worker, why: NoFrame) -> None:
        worker.dismiss()
        self._abandoned.append(worker)
        self._worker, self._trouble, self._fruitless_since_s = None, why, None
        now_s = self._now_s()
        self._pause_s = min(max(self._timing.first_pause_s, 2 * self._pause_s), self._timing.longest_pause_s)
        self._not_before_s = now_s + self._pause_s
        if why.reason != "no_permission":
            self._forbidden_since_s = None
            return
        if self._forbidden_since_s is None:
            self._forbidden_since_s = now_s
        # udev needs a moment to hand a device that was just plugged in to its group.
        if now_s - self._forbidden_since_s >= self._timing.forbidden_s:
            raise _no_permission(why.detail)


class LeptonCamera(_FlirpyCamera):
    """A FLIR Lepton 3.x with radiometry on a PureThermal board: 160 x 120 centikelvin, telemetry rows as the footer.

    open_device: opens it anew, or says why not; now_s: the monotonic clock, on which the driver stamps frames too.
    """

    def __init__(
        self,
        open_device: Callable[[], Device | NoFrame] = open_lepton,
        timing: Timing | None = None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(LEPTON, _lepton_picture, open_device, timing, now_s)


class BosonCamera(_FlirpyCamera):
    """A radiometric FLIR Boson 320: 320 x 256 centikelvin (TLinear). Untried on a physical camera.

    It has no telemetry rows: the gain is asked once over the serial port when the camera is opened, TLinear shows
    in the counts alone, and a picture equal to the one before, noise and all, is a frozen one.
    """

    def __init__(
        self,
        open_device: Callable[[], Device | NoFrame] = open_boson,
        timing: Timing | None = None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(BOSON, _boson_picture, open_device, timing, now_s)


def _lepton_picture(image: NDArray[Any]) -> _Picture:
    # Without telemetry there are 120 rows, and the last two of them are picture.
    wrong = _wrong_array(image, LEPTON.rows + LINES, LEPTON.columns)
    if wrong is not None:
        return NoFrame(wrong.reason, wrong.detail + " (16-bit video with the telemetry footer is needed)")
    return image[: LEPTON.rows].copy(), decode(image[LEPTON.rows :])


def _boson_picture(image: NDArray[Any]) -> _Picture:
    return _wrong_array(image, BOSON.rows, BOSON.columns) or (image.copy(), Telemetry())


def _wrong_array(image: NDArray[Any], rows: int, columns: int) -> NoFrame | None:
    # 8-bit video also has another shape (two or three values per pixel): its type is the better reason.
    if image.dtype.itemsize == 1:
        return NoFrame("eight_bit", f"{image.dtype} {image.shape}")
    return refusal(image, "raw_counts", rows, columns)


def _wrong_mode(telemetry: Telemetry) -> NoFrame | None:
    if telemetry.gain == "low":
        return NoFrame("low_gain", "the camera is in low gain; set it to high gain")
    if telemetry.tlinear is False:
        return NoFrame("not_radiometric", "TLinear at 0.01 K is off or AGC is on; set TLinear, and AGC off")
    return None


def _repeats(before: Frame, now: Frame) -> bool:
    if now.t_s <= before.t_s:
        return True
    counter = now.telemetry.frame_counter
    if counter is not None:
        # The picture is held while the shutter is closed, and that is news as long as the sensor's clock runs on.
        shuttered = now.telemetry.shutter == "closed" and now.telemetry.uptime_ms != before.telemetry.uptime_ms
        return counter == before.telemetry.frame_counter and not shuttered
    return np.array_equal(now.counts, before.counts)


def _no_permission(detail: str) -> CameraError:
    return CameraError(
        f"没有相机权限：{detail}；请把运行 foregate 的用户加入该组（sudo usermod -aG 组名 用户名；"
        "Boson 的串口另属 dialout 组）后重新登录",
        f"no permission for the camera: {detail}; add the user that runs foregate to that group "
        "(sudo usermod -aG GROUP USER; the serial port of a Boson belongs to dialout) and log in again",
    )
