"""What a thermal camera sees, for pages that show it."""

import numpy as np
from numpy.typing import NDArray


def scene() -> NDArray[np.float32]:
    """A room of 22 C with a warm person in it, upright."""
    y, x = np.mgrid[0:160, 0:120].astype(np.float32)
    head = np.exp(-((((x - 50) / 22) ** 2 + ((y - 68) / 30) ** 2) ** 3))
    body = np.exp(-((((x - 50) / 48) ** 2 + ((y - 165) / 52) ** 2) ** 3))
    picture: NDArray[np.float32] = (22 + 1.5 * y / 160 + 11.5 * np.maximum(head, 0.6 * body)).astype(np.float32)
    picture[120:134, 96:110] = 37.0
    return picture
