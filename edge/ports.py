"""What the gate needs from the outside world. One adapter per outside thing; one contract suite per port."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edge.core.faces import Detection
from edge.core.frame import CameraInfo, Frame, NoFrame
from edge.core.outbox import Answer
from edge.core.record import Passage, Record, Stamp
from edge.core.screen import ScreenState
from edge.core.signals import Signal


class Camera(Protocol):
    """A source of thermal frames, each delivered once, in order, never older than the one before."""

    @property
    def info(self) -> CameraInfo: ...

    def read(self, timeout_s: float) -> Frame | NoFrame:
        """The next frame, or why there is none. Returns within timeout_s plus 0.5 s, whatever the device does.

        After NoFrame("ended") every further call says the same. Any other NoFrame may pass: call again.
        CameraError: this camera can never deliver (and what to do).
        """

    def close(self) -> None:
        """Give the device back. May be called twice."""


class FaceDetector(Protocol):
    def detect(self, picture: NDArray[np.float32]) -> tuple[Detection, ...]:
        """Faces in an upright picture [rows, columns] of degrees Celsius or raw counts; best first, none twice."""


class GateIO(Protocol):
    def show(self, signal: Signal) -> None:
        """Set the lamp, start the buzzer's pattern, pulse the relay if asked. Returns at once.

        GateIOError: a line is lost.
        """

    def close(self) -> None:
        """Everything off, the gate shut. May be called twice."""


class Store(Protocol):
    """Keeps records in the order of their sequence numbers; what it has accepted survives a power cut."""

    def append(self, passage: Passage, decided: Stamp) -> Record:
        """Write a person down under the next sequence number; returns once it is on disk.

        StoreError: nothing was written, for now. RecordError: these values are no record, and never will be.
        """

    def unsent(self, limit: int) -> list[tuple[Record, bytes]]:
        """The oldest records that the county has neither acknowledged nor refused, with their canonical bytes."""

    def acknowledge(self, uuid: str) -> None:
        """The county has this record."""

    def set_aside(self, uuid: str, why: str) -> None:
        """The county refuses this very record for ever; it is kept, reported and no longer sent."""

    def counts(self) -> tuple[int, int, int]:
        """(written, acknowledged, set aside)."""

    def close(self) -> None:
        """May be called twice."""


class Uplink(Protocol):
    def put(self, uuid: str, body: bytes) -> Answer:
        """Offer one record to the county. Never raises for what network or server do: that is in the answer."""

    def close(self) -> None: ...


class Screen(Protocol):
    def publish(self, state: ScreenState, picture: NDArray[np.float32] | None) -> None:
        """Show this state with the very picture (upright, C) it was measured on.

        Returns at once; a slow viewer misses frames.
        """

    def close(self) -> None: ...


class Clock(Protocol):
    def now_s(self) -> float:
        """Monotonic seconds since boot."""

    def stamp(self) -> Stamp: ...
