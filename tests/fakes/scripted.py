"""A camera, a detector and a screen that play what a test has written down."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.core.errors import CameraError
from edge.core.faces import Detection
from edge.core.frame import CameraInfo, Frame, NoFrame
from edge.core.screen import ScreenState
from tests.fakes.clock import FakeClock


class ScriptedCamera:
    """See `edge.ports.Camera`. Plays frames and refusals, then says "ended" or fails; a read takes step_s."""

    def __init__(
        self,
        info: CameraInfo,
        script: Sequence[Frame | NoFrame],
        clock: FakeClock,
        step_s: float,
        then: CameraError | None = None,
    ) -> None:
        self._then = then
        self.info = info
        self._script = list(script)
        self._clock = clock
        self._step_s = step_s
        self.closed = False

    def read(self, timeout_s: float) -> Frame | NoFrame:
        if not self._script and self._then is not None:
            raise self._then
        if not self._script:
            return NoFrame("ended")
        self._clock.advance(self._step_s)
        return self._script.pop(0)

    def close(self) -> None:
        self.closed = True


class ScriptedDetector:
    """See `edge.ports.FaceDetector`. The n-th picture has the n-th entry's faces."""

    def __init__(self, script: Sequence[Sequence[Detection]]) -> None:
        self._script = [tuple(faces) for faces in script]

    def detect(self, picture: NDArray[np.float32]) -> tuple[Detection, ...]:
        return self._script.pop(0)


class FakeScreen:
    """See `edge.ports.Screen`. Keeps every state that it was given."""

    def __init__(self) -> None:
        self.states: list[ScreenState] = []
        self.pictures: list[NDArray[np.float32] | None] = []
        self.url = "http://127.0.0.1:0/"

    def publish(self, state: ScreenState, picture: NDArray[np.float32] | None) -> None:
        self.states.append(state)
        self.pictures.append(picture)

    def close(self) -> None:
        pass
