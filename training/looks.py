"""Scenes -> what the second network is shown, and what it should say.

From every scene the first network's own proposals, boxes around the true faces shaken, and places beside them: necks,
shoulders, walls. A proposal that shares too little with a face to be it, and too much to be none, teaches nothing.
"""

import numpy as np
from numpy.typing import NDArray

from edge.adapters.detector_dnn import Proposer, look
from edge.core.geometry import Box
from training.augment import Draw, Scene
from training.dataset import Face

IS_FACE, IS_NONE = 0.35, 0.2  # IoU from which a place is the face's, and below which it is not
PROPOSE, MOST_PROPOSED = 0.06, 5
SHAKES = 2  # per face
TRUTH = 12  # numbers per look: see training/second.py's loss

Table = NDArray[np.float64]


def looks(draw: Draw, made: Scene, first: Proposer) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Planes [n, 2, 48, 48] and truth [n, 12] of one scene; n may be 0."""
    f = made.frame
    small = np.ascontiguousarray(made.picture[int(f.y0) : int(f.y1), int(f.x0) : int(f.x1)])
    shift = np.array([f.x0, f.y0] * 2)
    places = [*first.propose(small, PROPOSE, MOST_PROPOSED).boxes]
    for face in made.faces:
        if not face.ignore:
            places += _around(draw, _corners(face.box) - shift)
    places.append(_anywhere(draw, small.shape))
    told = [truth(place + shift, made) for place in places]
    kept = [k for k, each in enumerate(told) if each is not None]
    planes, shown = look(small, np.array([places[k] for k in kept]).reshape(-1, 4))
    answers = np.zeros((len(kept), TRUTH), np.float32)
    for row, k in enumerate(kept):
        taught, window = told[k], shown[row] + np.array([f.x0, f.y0, 0.0])
        answers[row] = _answer(taught if isinstance(taught, Face) else None, window)
    return planes, answers


def truth(place: Table, made: Scene) -> Face | bool | None:
    """The face at this place, False for none, None where it is not to be learnt from."""
    box = Box(*place.tolist())
    certain = [face for face in made.faces if not face.ignore]
    best = max(certain, key=lambda face: face.box.iou(box), default=None)
    if best is not None and best.box.iou(box) >= IS_FACE:
        return best
    unsure = [*made.ignore, *(face.box for face in made.faces if face.ignore)]
    if any(box.iou(each) >= 0.1 or box.overlap_px(each) >= 0.3 * box.area_px for each in unsure):
        return None
    if best is not None and best.box.iou(box) >= IS_NONE:
        return None
    return False


def _answer(face: Face | None, window: Table) -> NDArray[np.float32]:
    answer = np.full(TRUTH, -1.0, np.float32)
    answer[0], answer[3] = face is not None, 1.0
    if face is not None:
        corner, side = np.tile(window[:2], 2), window[2]
        answer[1], answer[2] = face.forehead is not None, face.usable
        answer[4:8] = np.clip((_corners(face.box) - corner) / side, 0, 1)
        if face.forehead:
            answer[8:12] = np.clip((_corners(face.forehead) - corner) / side, 0, 1)
    return answer


def _corners(box: Box) -> Table:
    return np.array([box.x0, box.y0, box.x1, box.y1])


def _around(draw: Draw, face: Table) -> list[Table]:
    """The face's box shaken, as the first network might propose it, and a place below or beside it."""
    size = np.tile(face[2:] - face[:2], 2)
    found = []
    for _ in range(SHAKES):
        scale = np.exp(draw.normal(0, 0.13, 2)) - 1
        grow = np.concatenate([-scale, scale]) / 2
        found.append(face + size * (np.tile(draw.normal(0, 0.11, 2), 2) + grow))
    away = np.array([draw.normal(0, 0.5), draw.uniform(0.5, 1.6)])
    away = away if draw.random() < 0.7 else away[::-1] * draw.choice((-1.0, 1.0))
    found.append(face + size * np.tile(away, 2) * draw.uniform(0.8, 1.3))
    return found


def _anywhere(draw: Draw, shape: tuple[int, ...]) -> Table:
    width = float(np.exp(draw.uniform(np.log(10), np.log(60))))
    height = width * float(draw.uniform(1.0, 1.6))
    x, y = draw.uniform(0, shape[1]), draw.uniform(0, shape[0])
    return np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2])
