"""A scene's truth as what the network should answer, cell by cell."""

import numpy as np
from numpy.typing import NDArray

from edge.core.face_answers import BARE, CELL_PX, FACE, FOREHEAD, READABLE, SIDE_UNIT_PX, SIDES
from training.augment import COLUMNS, ROWS, Scene
from training.dataset import Face

Maps = NDArray[np.float32]
HEIGHT, WIDTH = ROWS // CELL_PX, COLUMNS // CELL_PX
CENTRES_Y, CENTRES_X = np.mgrid[0:HEIGHT, 0:WIDTH] * CELL_PX + CELL_PX / 2
# A face's centre fades over an eighth of its size; cells up to about a third of it from the centre speak for it.
CENTRE_SIGMA, SPEAKER_SIGMA, QUIETEST_SPEAKER = 0.125, 0.18, 0.2
# Every cell whose centre is this near to the face's says yes: were it the nearest one only, a face between two cells
# would be half a face to either.
CENTRE_REACH_PX = 3.0


def targets(made: Scene) -> tuple[Maps, Maps, Maps, Maps]:
    """heat, care, inside [40, 32] and wanted [11, 40, 32] as training/network.py's loss takes them."""
    heat, care, inside = (np.full((HEIGHT, WIDTH), value, np.float32) for value in (0.0, 1.0, 0.0))
    wanted = np.zeros((11, HEIGHT, WIDTH), np.float32)
    for box in [*made.ignore, *(face.box for face in made.faces if face.ignore)]:
        care[
            (box.x0 - 2 < CENTRES_X) & (box.x1 + 2 > CENTRES_X) & (box.y0 - 2 < CENTRES_Y) & (box.y1 + 2 > CENTRES_Y)
        ] = 0
    for face in made.faces:
        if not face.ignore:
            _add(face, heat, care, inside, wanted)
    return heat, care, inside, wanted


def _add(face: Face, heat: Maps, care: Maps, inside: Maps, wanted: Maps) -> None:
    box = face.box
    x, y = box.centre
    column = min(WIDTH - 1, max(0, int(x // CELL_PX)))
    row = min(HEIGHT - 1, max(0, int(y // CELL_PX)))
    across, down = (CENTRES_X - x) / box.width_px, (CENTRES_Y - y) / box.height_px
    distance = across**2 + down**2
    fade = np.exp(-distance / (2 * CENTRE_SIGMA**2)).astype(np.float32)
    np.maximum(heat, fade, out=heat)
    heat[(np.abs(CENTRES_X - x) <= CENTRE_REACH_PX) & (np.abs(CENTRES_Y - y) <= CENTRE_REACH_PX)] = 1.0
    heat[row, column] = 1.0
    care[fade > 0.5] = 1.0
    weight = np.exp(-distance / (2 * SPEAKER_SIGMA**2)).astype(np.float32)
    speaks = (weight > QUIETEST_SPEAKER) & (weight > inside)
    inside[speaks] = weight[speaks]
    sides = np.stack([CENTRES_X - box.x0, CENTRES_Y - box.y0, box.x1 - CENTRES_X, box.y1 - CENTRES_Y])[:, speaks]
    wanted[SIDES, speaks] = np.log(np.maximum(sides, 0.5) / SIDE_UNIT_PX)
    if face.forehead:
        f = face.forehead
        fractions = (
            (f.x0 - box.x0) / box.width_px,
            (f.y0 - box.y0) / box.height_px,
            (f.x1 - box.x0) / box.width_px,
            (f.y1 - box.y0) / box.height_px,
        )
        wanted[FOREHEAD, speaks] = np.array(fractions, np.float32)[:, None]
    wanted[BARE, speaks] = face.forehead is not None
    wanted[READABLE, speaks] = face.usable
    wanted[FACE, speaks] = 1.0
