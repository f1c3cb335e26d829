"""Pictures as a Lepton with telemetry sends them."""

import numpy as np
from numpy.typing import NDArray

WORDS = {"status": 3, "fpa": 24, "gain": 165, "gain_now": 166, "tlinear": 208, "resolution": 209, "uptime": 1}
OPEN, CLOSED = 0b11 << 4, 0b10 << 4


def lepton_image(counter: int, degrees_c: float = 22.0, **words: int) -> NDArray[np.uint16]:
    """(122, 160): a room with a warmer middle, and telemetry with this frame counter and these words."""
    image = np.full((122, 160), round((degrees_c + 273.15) * 100), dtype=np.uint16)
    image[40:80, 60:100] += 1_200
    rows = np.zeros(320, dtype=np.uint16)
    defaults = {"status": OPEN, "fpa": 30_715, "tlinear": 1, "resolution": 1, "uptime": counter * 115 % 65_536}
    for name, value in {**defaults, **words}.items():
        rows[WORDS[name]] = value
    rows[20], rows[21] = counter & 0xFFFF, counter >> 16
    image[120:] = rows.reshape(2, 160)
    return image
