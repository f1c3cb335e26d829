"""What the two face networks answer -> boxes, scores, foreheads. Arithmetic only.

The first network looks at the whole picture once and proposes (`decode`). The second looks at each proposal alone,
cut out and brought to one size (`window`), says whether it is a face and puts the box and the forehead right
(`second_look`). edge/adapters/detector_dnn.py runs them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CELL_PX = 4  # the first network gives one answer per 4 x 4 pixels
# Answers of a cell: face?, the distances to the four sides (log), the forehead's sides (fractions of the face box),
# forehead visible?, readable?
FACE, SIDES, FOREHEAD, BARE, READABLE = 0, slice(1, 5), slice(5, 9), 9, 10
SIDE_UNIT_PX = 16.0  # a side predicted as 0 lies this far from the cell's centre
# Training shows more faces that are cut, hidden or turned away than a gate meets, and so understates how many are fit
# to be read (as a logit); how it was set: docs/model-card.md.
READABLE_SHIFT = 1.0
WITNESS_SCORE = 0.3  # a cell too weak to claim a face still says, beside one that does, where its forehead is
TOWARDS = np.array([[-1.0], [-1.0], [1.0], [1.0]])  # left and up, right and down
LONGEST_SIDE = 2.5  # exp(2.5) * 16 = 195 pixels, more than any picture here is wide

LOOK_PX = 48  # the second network's picture
LOOK_HEIGHTS = 1.7  # how many face heights it shows: chin, hair and the shoulders' beginning tell a face from a hand
USUAL_HEIGHT_OVER_WIDTH = 1.35
BINS = 12  # an edge's place is told as a distribution over so many steps of the picture's side
# Answers of a look: face?, forehead visible?, readable? (learnt beside the others, not asked), then the eight edges'
# distributions (face x0 y0 x1 y1, forehead x0 y0 x1 y1).
LOOK_FACE, LOOK_BARE, LOOK_READABLE, LOOK_EDGES = 0, 1, 2, 3
# Of the second network's logit so much counts beside the first one's: on a camera that it never saw it is surer of
# itself than it is right. What it lacks of DOUBT_BELOW, MOST_DOUBT at most, counts more, the less fit to be read the
# first one finds what it proposes: it doubts trunks and heads from behind that the first one takes for faces, but
# strange faces of the simulator too, of which most are fit. HEADSTART is added; how all were set: docs/model-card.md.
SECOND_SAY, DOUBT_SAY, DOUBT_BELOW, MOST_DOUBT, HEADSTART = 0.07, 1.5, 0.7, 0.6, 0.22
SUREST = 12.0  # more than the second network has ever said of a face (as a logit)
# What is weaker by this much (as a logit) than could reach a score often is a stronger face proposed again: looked at
# as well, it steadies where that one's edges are. For a score of 0.5 all that is proposed with 0.2 is looked at.
WITNESS_LOGIT = 0.326
# Training hides more foreheads under brims and fringes than a gate meets (as a logit): with this, one of which half is
# left under a brim is nearly always called bare; what is cold under it is told by its temperature (forehead.py).
BARE_SHIFT = 0.5
LOOK_ANSWERS = LOOK_EDGES + 8 * BINS

Maps = NDArray[np.float32]
Table = NDArray[np.float64]

STEPS: Table = (np.arange(BINS) + 0.5) / BINS  # the middles of the bins, as shares of the picture's side


@dataclass(frozen=True, slots=True)
class Found:
    """Faces, best first: scores [n], boxes and foreheads [n, 4] (x0, y0, x1, y1), bare and readable [n] (0 to 1)."""

    scores: Table
    boxes: Table
    foreheads: Table
    bare: Table
    readable: Table


def decode(answers: Maps, min_score: float, max_faces: int) -> Found:
    """The first network's answers [11, rows, columns] -> faces, in the network's pixels.

    Cells of one face are thinned to the best one (IoU 0.4), which then takes the mean of the boxes that agree with it,
    weighted by their scores, weaker cells included.
    """
    rows, columns = np.nonzero(answers[FACE] > _logit(min(min_score, WITNESS_SCORE)))
    cells = answers[:, rows, columns].astype(np.float64)
    order = np.argsort(-cells[FACE], kind="stable")[:200]
    cells, rows, columns = cells[:, order], rows[order], columns[order]
    centre = np.array([columns, rows, columns, rows]) * CELL_PX + CELL_PX / 2
    reach = np.exp(np.minimum(cells[SIDES], LONGEST_SIDE)) * SIDE_UNIT_PX
    boxes = (centre + reach * TOWARDS).T
    foreheads = _within(boxes, cells[FOREHEAD].T)
    scores = _sigmoid(cells[FACE])
    return _thin(
        Found(scores, boxes, foreheads, _sigmoid(cells[BARE]), _sigmoid(cells[READABLE] + READABLE_SHIFT)),
        min_score,
        max_faces,
    )


def window(box: Table) -> Table:
    """What the second network is shown of a proposal x0, y0, x1, y1: a square around it, x0, y0, side."""
    width, height = max(box[2] - box[0], 1.0), max(box[3] - box[1], 1.0)
    side = LOOK_HEIGHTS * float(np.sqrt(width * height * USUAL_HEIGHT_OVER_WIDTH))
    return np.array([(box[0] + box[2] - side) / 2, (box[1] + box[3] - side) / 2, side])


def worth_a_look(min_score: float) -> float:
    """The first network's score below which no second look would reach this score, nor be witness to one that does."""
    return float(_sigmoid(np.array(_logit(min_score) - HEADSTART - SECOND_SAY * SUREST - WITNESS_LOGIT)))


def second_look(answers: Maps, windows: Table, proposed: Found, least: float, max_faces: int) -> Found:
    """Answers [n, 99] to n looks and windows [n, 3] that were shown (`window`) of n proposed faces -> faces of at least
    that score, in the pixels that the windows are in.

    Whether a face is fit to be read is left to the first network, which sees the people around it and the frame.
    """
    corners = np.concatenate([windows[:, :2], windows[:, :2] + windows[:, 2:]], axis=1)
    placed = _within(corners, _places(answers))
    said = answers[:, :LOOK_EDGES].astype(np.float64)
    first = np.minimum(np.maximum(proposed.scores, 1e-6), 1 - 1e-6)
    scores = _sigmoid(np.log(first / (1 - first)) + _say(said[:, LOOK_FACE], proposed.readable) + HEADSTART)
    found = Found(scores, placed[:, :4], placed[:, 4:], _sigmoid(said[:, LOOK_BARE] + BARE_SHIFT), proposed.readable)
    if len(scores) > 1:
        found = _some(found, np.argsort(-scores, kind="stable"))
    return _thin(found, least, max_faces)


def _say(logits: Table, readable: Table) -> Table:
    """What the second network's logits [n] add to the first one's, which finds them so fit to be read [n] (0 to 1)."""
    lacks = np.minimum(np.maximum(logits - DOUBT_BELOW, -MOST_DOUBT), 0.0)
    doubt = DOUBT_SAY * (1.0 - readable) * lacks
    added: Table = SECOND_SAY * logits + doubt
    return added


def _places(answers: Maps) -> Table:
    """Where the edges are, as shares of the window's side [n, 8]: the means of their distributions."""
    logits = answers[:, LOOK_EDGES:].reshape(-1, 8, BINS).astype(np.float64)
    weight = np.exp(logits - logits.max(axis=2, keepdims=True))
    mean: Table = (weight @ STEPS) / weight.sum(axis=2)
    return mean


def _some(found: Found, which: NDArray[np.intp]) -> Found:
    return Found(
        found.scores[which], found.boxes[which], found.foreheads[which], found.bare[which], found.readable[which]
    )


def _thin(found: Found, min_score: float, max_faces: int) -> Found:
    """The best of each face, best first, with the mean of what those say that agree with it (IoU 0.6)."""
    if len(found.scores) == 1:
        # Nobody to agree with: a hundredth of a frame's instructions less, for most frames.
        return _some(found, np.flatnonzero(found.scores > min_score))
    table = np.concatenate([found.boxes, found.foreheads, found.bare[:, None], found.readable[:, None]], axis=1)
    left = np.arange(len(found.scores))
    keep: list[int] = []
    means: list[Table] = []
    while left.size and len(keep) < max_faces and found.scores[left[0]] > min_score:
        best = int(left[0])
        overlap, inside = _overlaps(found.boxes[best], found.boxes[left])
        same = overlap >= 0.6
        weight = found.scores[left][same]
        means.append(weight @ table[left][same] / weight.sum())
        keep.append(best)
        # A box that lies mostly inside a better one is the same face seen by its nose or brow only.
        left = left[(overlap < 0.4) & (inside < 0.7)]
    mean = np.array(means).reshape(-1, 10)
    return Found(found.scores[keep], mean[:, :4], mean[:, 4:8], mean[:, 8], mean[:, 9])


def _overlaps(best: Table, boxes: Table) -> tuple[Table, Table]:
    """IoU with the best box, and the share of the smaller box that both have in common."""
    low, high = np.maximum(best[:2], boxes[:, :2]), np.minimum(best[2:], boxes[:, 2:])
    common = _area(np.maximum(high - low, 0.0))
    areas, area = _area(boxes[:, 2:] - boxes[:, :2]), (best[2] - best[0]) * (best[3] - best[1])
    return common / (areas + area - common), common / np.minimum(areas, area)


def _area(sizes: Table) -> Table:
    product: Table = sizes[:, 0] * sizes[:, 1]
    return product


def _within(boxes: Table, shares: Table) -> Table:
    """Points [n, 2 k] told as shares of the boxes' [n, 4] widths and heights from their upper left corners."""
    corner, size = boxes[:, None, :2], boxes[:, None, 2:] - boxes[:, None, :2]
    placed: Table = (corner + shares.reshape(-1, shares.shape[1] // 2, 2) * size).reshape(shares.shape)
    return placed


def _sigmoid(x: Table) -> Table:
    told: Table = 1.0 / (1.0 + np.exp(-np.maximum(x, -40.0)))
    return told


def _logit(score: float) -> float:
    return float(np.log(score / (1.0 - score)))
