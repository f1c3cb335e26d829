"""The newest look for the technician's page: kept by the gate's loop, encoded by whoever asks."""

import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from edge.core.frame import Frame
from edge.core.geometry import Box, Rotation
from edge.core.tech import Look, encoded

# Nobody has asked for so long: nothing is kept.
WANTED_S = 5.0


class TechPicture:
    """For several threads."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._changed = threading.Condition()
        self._look: Look | None = None
        self._number = 0
        self._wanted_s = float("-inf")

    @property
    def wanted(self) -> bool:
        """Whether somebody looks."""
        return self._now_s() - self._wanted_s < WANTED_S

    def saw(
        self,
        frame: Frame,
        rotation_deg: Rotation,
        corrected_c: NDArray[np.float32] | None,
        status: str,
        reference: Box | None = None,
        reference_c: float | None = None,
        offset_k: float | None = None,
        reference_state: str = "searching",
    ) -> None:
        """The newest frame. Arrays must not be changed afterwards."""
        with self._changed:
            self._number += 1
            self._look = Look(
                self._number,
                frame,
                rotation_deg,
                corrected_c,
                status,
                reference,
                reference_c,
                offset_k,
                reference_state,
            )
            self._changed.notify_all()

    def newer(self, after: int, timeout_s: float) -> bytes | None:
        """A look with another number than `after`, waited for; None: none came."""
        self._wanted_s = self._now_s()
        with self._changed:
            self._changed.wait_for(lambda: self._look is not None and self._look.number != after, timeout_s)
            look = self._look
        return None if look is None or look.number == after else encoded(look)
