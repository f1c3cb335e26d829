"""A thermal camera behind flirpy's own classes: only OpenCV's capture and the serial port are imitated."""

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from flirpy.camera.boson import Boson
from flirpy.camera.lepton import Lepton
from numpy.typing import NDArray

from edge.adapters.camera_flirpy import Device, Timing
from edge.adapters.camera_flirpy.devices import boson_on, lepton_on
from edge.core.frame import Frame, NoFrame
from edge.ports import Camera
from tests.adapters.lepton_images import lepton_image

WAIT_S = 20.0
# Short pauses, and so patient with a slow machine that only a real hang is taken for one.
QUICK = Timing(first_pause_s=0.01, longest_pause_s=0.02, oldest_s=10.0, stuck_s=30.0, close_s=0.1)
HASTY = Timing(first_pause_s=0.01, longest_pause_s=0.02, stuck_s=0.1, close_s=0.1, most_abandoned=2)


@dataclass(frozen=True)
class Shot:
    """What one grab brings: a picture (None: OpenCV's failure), and how long ago the driver stamped it."""

    image: NDArray[Any] | None
    age_s: float = 0.0


class Capture:
    """OpenCV's VideoCapture: `read` waits for the next shot, for ever when none comes."""

    def __init__(self) -> None:
        self.shots: queue.Queue[Shot] = queue.Queue()
        self.settings: dict[int, float] = {}
        self.released = threading.Event()
        self._stamp_ms = 0.0

    def read(self) -> tuple[bool, NDArray[Any] | None]:
        shot = self.shots.get()
        self._stamp_ms = (time.monotonic() - shot.age_s) * 1000.0
        return shot.image is not None, shot.image

    def get(self, prop: int) -> float:
        return self._stamp_ms if prop == cv2.CAP_PROP_POS_MSEC else self.settings.get(prop, 0.0)

    def set(self, prop: int, value: float) -> bool:
        self.settings[prop] = value
        return True

    def release(self) -> None:
        self.released.set()

    def show(self, *images: NDArray[Any] | None, age_s: float = 0.0) -> None:
        for image in images:
            self.shots.put(Shot(image, age_s))


class Bus:
    """The USB bus: hands out a new capture at each opening; `trouble` makes openings fail."""

    def __init__(self) -> None:
        self.trouble: NoFrame | Exception | None = None
        self.serial: Any = None
        self._captures: queue.Queue[Capture] = queue.Queue()
        self._counter = 0

    def capture(self) -> Capture:
        """The capture of the next opening, waited for."""
        return self._captures.get(timeout=WAIT_S)

    def has_opened(self) -> bool:
        """Whether `capture` would bring one at once."""
        return not self._captures.empty()

    def lepton(self) -> Device | NoFrame:
        return self.trouble if isinstance(self.trouble, NoFrame) else lepton_on(0, self._maker(Lepton))

    def boson(self) -> Device | NoFrame:
        return self.trouble if isinstance(self.trouble, NoFrame) else boson_on(0, self._maker(Boson))

    def image(self, degrees_c: float = 22.0, **words: int) -> NDArray[np.uint16]:
        """A Lepton's picture of a room, with its telemetry rows; each one later than the one before."""
        self._counter += 1
        return lepton_image(self._counter, degrees_c, **words)

    def _maker(self, flirpy_class: Any) -> Callable[[], Any]:
        bus = self

        class Opened(flirpy_class):  # type: ignore[misc]  # flirpy has no types
            def setup_video(self, device_id: int | None = None) -> None:
                if isinstance(bus.trouble, Exception):
                    raise bus.trouble
                self.cap = Capture()
                bus._captures.put(self.cap)

            @classmethod
            def find_serial_device(cls) -> str | None:
                return "ttyACM0" if bus.serial is not None else None

            def connect(self, port: str, baudrate: int) -> None:
                if isinstance(bus.serial, Exception):
                    raise bus.serial
                self.conn = bus.serial

        return Opened


def until(camera: Camera, wanted: Callable[[Frame | NoFrame], bool]) -> Frame | NoFrame:
    """Read until something wanted comes; a thousand reads without it are a failure."""
    for _ in range(1_000):
        got = camera.read(0.02)
        if wanted(got):
            return got
    raise AssertionError(f"never came; the last was {got}")


def frame(camera: Camera) -> Frame:
    got = until(camera, lambda got: isinstance(got, Frame))
    assert isinstance(got, Frame)
    return got


def refused(camera: Camera, reason: str) -> NoFrame:
    got = until(camera, lambda got: isinstance(got, NoFrame) and got.reason == reason)
    assert isinstance(got, NoFrame)
    return got


def opened(camera: Camera, bus: Bus) -> Capture:
    """The first read opens the camera."""
    camera.read(0.0)
    return bus.capture()
