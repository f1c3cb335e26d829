"""Small pictures with known contents for the core's tests: a room, a reference disc, faces of a known temperature."""

import numpy as np
from numpy.typing import NDArray

from edge.core.faces import Detection
from edge.core.frame import CameraInfo, Frame, Telemetry
from edge.core.geometry import Box
from edge.core.pipeline import Settings
from edge.core.policy import Policy
from edge.core.radiometry import Skin

ROWS, COLUMNS = 160, 120
ROOM_C, REFERENCE_C = 22.0, 37.0
DISC = Box(20, 130, 33, 143)
INFO = CameraInfo("test", ROWS, COLUMNS)
INTERVAL_S = 0.114
# Emissivity 1: what is drawn is what is there, so that a test sees the step that it is about.
SETTINGS = Settings(INFO, 0, REFERENCE_C, policy=Policy(), skin=Skin(1.0, ROOM_C))


def room(seed: int = 0, noise_k: float = 0.02) -> NDArray[np.float32]:
    """An upright picture (C) of a room with a reference disc at DISC."""
    rng = np.random.default_rng(seed)
    picture = np.full((ROWS, COLUMNS), ROOM_C, dtype=np.float32)
    picture += np.linspace(0, 1.5, ROWS, dtype=np.float32)[:, None]
    y, x = np.mgrid[:ROWS, :COLUMNS]
    cx, cy = DISC.centre
    picture[(x + 0.5 - cx) ** 2 + (y + 0.5 - cy) ** 2 <= 6.3**2] = REFERENCE_C
    return picture + rng.normal(0, noise_k, picture.shape).astype(np.float32)


def face(picture: NDArray[np.float32], x0: float, y0: float, width_px: float, forehead_c: float) -> Detection:
    """Draw a face of that forehead temperature into the picture and return what a detector would say of it."""
    box = Box(x0, y0, x0 + width_px, y0 + 1.35 * width_px)
    forehead = Box(x0 + 0.2 * width_px, y0 + 0.06 * width_px, x0 + 0.8 * width_px, y0 + 0.4 * width_px)
    noise = picture - picture  # keeps the dtype
    box.crop(picture)[:] = forehead_c - 1.0
    forehead.crop(picture)[:] = forehead_c
    picture += noise
    return Detection(box, 0.9, forehead, 0.9)


def frame(picture: NDArray[np.float32], seq: int, offset_k: float = 0.0, telemetry: Telemetry | None = None) -> Frame:
    """The frame of a camera whose level is wrong by offset_k. One pixel counts, as no two real frames are the same."""
    counts = np.rint((picture + offset_k + 273.15) * 100).astype(np.uint16)
    counts[0, 0] += seq % 7
    return Frame(counts, seq, seq * INTERVAL_S, telemetry=telemetry or Telemetry())
