"""A contact sheet of simulated frames: python -m tools.sim_preview OUT.png [SEED]"""

import sys

import cv2
import numpy as np

from edge.adapters.camera_sim import SimCamera, SimSettings
from edge.core.frame import NoFrame, celsius
from edge.core.geometry import upright

SHOWN, EVERY_FRAMES, COLUMNS, SCALE = 24, 7, 8, 3
COLDEST_C, WARMEST_C = 20.0, 37.0


def main() -> None:
    """Write the sheet; upright pictures from 20 C (black) to 37 C (white)."""
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    camera = SimCamera(SimSettings(seed=seed))
    tiles = []
    for k in range(SHOWN * EVERY_FRAMES):
        frame = camera.read(1.0)
        if isinstance(frame, NoFrame) or k % EVERY_FRAMES:
            continue
        picture = upright(celsius(frame), 90)
        grey = np.clip((picture - COLDEST_C) / (WARMEST_C - COLDEST_C), 0, 1) * 255
        tiles.append(cv2.resize(grey.astype(np.uint8), None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_CUBIC))
    rows = [np.hstack(tiles[k : k + COLUMNS]) for k in range(0, len(tiles), COLUMNS)]
    cv2.imwrite(sys.argv[1], np.vstack(rows))


if __name__ == "__main__":
    main()
