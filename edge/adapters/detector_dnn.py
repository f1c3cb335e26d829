"""Faces in a thermal picture, found by a small network of our own run by OpenCV's dnn module.

picture -> `prepare` (resize, normalise, pad) -> network -> `decode` (boxes, without doubles) -> Detections

The network never sees a temperature: `prepare` removes level and gain, so that raw counts serve as well as degrees.
It is trained by `training/` and described in docs/model-card.md; why it is what it is: docs/decisions/face-detector.md.
"""

from dataclasses import dataclass
from importlib.resources import files

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from edge.core.errors import ConfigError
from edge.core.faces import Detection
from edge.core.geometry import Box

MODEL = "models/thermal_face.onnx"
LONG_SIDE_PX = 160  # a Lepton's picture goes in as it is; larger sensors are reduced to its face sizes
PAD_TO_PX = 16  # the network halves its maps four times
CELL_PX = 4  # one answer per 4 x 4 pixels
FLATTEST = 1e-4  # least spread as a share of the level: below a 14-bit sensor's step there is only rounding
LOCAL_WINDOW_PX = 25  # about two thirds of a face at the gate: its surroundings and its parts both show
# Answers of a cell: face?, the distances to the four sides (log), the forehead's sides (fractions of the face box),
# forehead visible?, readable?
FACE, SIDES, FOREHEAD, BARE, READABLE = 0, slice(1, 5), slice(5, 9), 9, 10
SIDE_UNIT_PX = 16.0  # a side predicted as 0 lies this far from the cell's centre
WITNESS_SCORE = 0.3  # a cell too weak to claim a face still says, beside one that does, where its forehead is
# Training cuts more faces by the frame than a gate does and so understates how many are fit to be read (as a logit).
READABLE_SHIFT = 0.2
LONGEST_SIDE = 2.5  # exp(2.5) * 16 = 195 pixels, more than any picture here is wide

Maps = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What goes into the network, and the way back to the picture's pixels.

    planes: float32 [1, 2, rows, columns], rows and columns multiples of 16.
    scale: network pixels per picture pixel; left_px, top_px: padding in network pixels.
    """

    planes: Maps
    scale: float
    left_px: int
    top_px: int


def prepare(picture: NDArray[np.float32]) -> Prepared:
    """Resize, normalise and pad a picture [rows, columns] of any unit.

    First plane: difference to the median over the spread of the picture, compressed to -1..1. Second plane: difference
    to the neighbourhood's mean over its deviation, compressed likewise: a face's parts, whatever is behind it.
    Values that are not finite are taken as the median.
    """
    rows, columns = picture.shape
    scale = LONG_SIDE_PX / max(rows, columns)
    small = np.asarray(picture, dtype=np.float32)
    if scale != 1.0:
        size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
        small = cv2.resize(small, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR).astype(
            np.float32
        )
    planes = normalise(small)
    height, width = small.shape
    more_rows, more_columns = -height % PAD_TO_PX, -width % PAD_TO_PX
    top, left = more_rows // 2, more_columns // 2
    canvas = np.zeros((1, 2, height + more_rows, width + more_columns), np.float32)
    canvas[0, :, top : top + height, left : left + width] = planes
    return Prepared(canvas, scale, left, top)


def normalise(small: NDArray[np.float32]) -> Maps:
    """The two planes, float32 [2, rows, columns], of a picture at the network's scale."""
    sample = small[::2, ::2].ravel()
    finite = np.isfinite(sample)
    if not finite.all() or not np.isfinite(small.sum(dtype=np.float64)):
        middle = float(np.median(sample[finite])) if finite.any() else 0.0
        small = np.where(np.isfinite(small), small, np.float32(middle))
        sample = small[::2, ::2].ravel()
    low_at, middle_at, high_at = (int(share * (sample.size - 1)) for share in (0.05, 0.5, 0.98))
    ordered = np.partition(sample, (low_at, middle_at, high_at))
    # Level and gain are taken off in float64: raw counts and kelvins are large numbers beside a face's contrast.
    level = float(ordered[middle_at])
    spread = max(float(ordered[high_at]) - float(ordered[low_at]), FLATTEST * max(1.0, abs(level)))
    difference = (small - np.float32(level)) * np.float32(1.0 / spread)
    window = (LOCAL_WINDOW_PX, LOCAL_WINDOW_PX)
    mean = cv2.boxFilter(difference, -1, window, borderType=cv2.BORDER_REFLECT)
    square = cv2.sqrBoxFilter(difference, -1, window, borderType=cv2.BORDER_REFLECT)
    deviation = np.sqrt(np.maximum(square - mean * mean, 0.0)) + np.float32(0.03)
    local = (difference - mean) / deviation
    difference *= 2.0
    planes = np.empty((2, *small.shape), np.float32)
    np.divide(difference, np.abs(difference) + 1.0, out=planes[0])
    np.divide(local, np.abs(local) + 1.0, out=planes[1])
    return planes


def decode(answers: Maps, min_score: float, max_faces: int) -> tuple[NDArray[np.float64], ...]:
    """Cells' answers [11, rows, columns] -> (scores [n], boxes [n, 4], foreheads [n, 4], bare [n], readable [n]).

    Boxes are x0, y0, x1, y1 in network pixels, best first; cells of one face are thinned to the best one (IoU 0.4),
    which then takes the mean of the boxes that agree with it, weighted by their scores, weaker cells included.
    """
    rows, columns = np.nonzero(answers[FACE] > _logit(min(min_score, WITNESS_SCORE)))
    cells = answers[:, rows, columns].astype(np.float64)
    order = np.argsort(-cells[FACE], kind="stable")[:200]
    cells, rows, columns = cells[:, order], rows[order], columns[order]
    scores, bare = _sigmoid(cells[FACE]), _sigmoid(cells[BARE])
    readable = _sigmoid(cells[READABLE] + READABLE_SHIFT)
    centre = np.stack([columns, rows, columns, rows]) * CELL_PX + CELL_PX / 2
    reach = np.exp(np.minimum(cells[SIDES], LONGEST_SIDE)) * SIDE_UNIT_PX
    boxes = (centre + reach * np.array([[-1.0], [-1.0], [1.0], [1.0]])).T
    table = np.concatenate([boxes, cells[FOREHEAD].T, bare[:, None], readable[:, None]], axis=1)
    keep, boxes, fractions, bare, readable = _thin(scores, table, min_score, max_faces)
    size = np.tile(boxes[:, 2:] - boxes[:, :2], 2)
    foreheads = np.tile(boxes[:, :2], 2) + fractions * size
    return scores[keep], boxes, foreheads, bare, readable


def _thin(
    scores: NDArray[np.float64], table: NDArray[np.float64], min_score: float, max_faces: int
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The best cell of each face, and its face's mean of a table of box, forehead fractions, bare and readable."""
    boxes = table[:, :4]
    left = np.arange(len(scores))
    keep: list[int] = []
    means: list[NDArray[np.float64]] = []
    while left.size and len(keep) < max_faces and scores[left[0]] > min_score:
        best = int(left[0])
        overlap, inside = _overlaps(boxes[best], boxes[left])
        same = overlap >= 0.6
        weight = scores[left][same]
        means.append(weight @ table[left][same] / weight.sum())
        keep.append(best)
        # A box that lies mostly inside a better one is the same face seen by its nose or brow only.
        left = left[(overlap < 0.4) & (inside < 0.7)]
    found = np.array(means).reshape(-1, 10)
    return np.array(keep, dtype=np.intp), found[:, :4], found[:, 4:8], found[:, 8], found[:, 9]


def _overlaps(best: NDArray[np.float64], boxes: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """IoU with the best box, and the share of the smaller box that both have in common."""
    low, high = np.maximum(best[:2], boxes[:, :2]), np.minimum(best[2:], boxes[:, 2:])
    common = np.prod(np.maximum(high - low, 0.0), axis=1)
    areas, area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1), float(np.prod(best[2:] - best[:2]))
    return common / (areas + area - common), common / np.minimum(areas, area)


def _sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1.0 / (1.0 + np.exp(-np.clip(x, -40.0, 40.0)))


def _logit(score: float) -> float:
    return float(np.log(score / (1.0 - score)))


def shipped_model() -> bytes:
    """The network that comes with the package, as ONNX bytes."""
    return files("edge.adapters").joinpath(MODEL).read_bytes()


class DnnFaceDetector:
    """Finds faces in upright pictures [rows, columns] of any size (faces of about 1/12 to 1/2 of the longer side).

    Works on degrees Celsius and on raw counts alike. OpenCV's threads are left as they are: one is enough for this
    network, so a gate calls cv2.setNumThreads(1) once, where it wires itself. An object serves one thread at a time.
    ConfigError: the model cannot be read by this OpenCV.
    """

    def __init__(self, model: bytes | None = None, min_score: float = 0.5, max_faces: int = 12) -> None:
        if not 0.0 < min_score < 1.0:
            raise ConfigError(
                f"人脸检测门限 min_score={min_score} 必须在 0 和 1 之间。请修改配置。",
                f"Face detector: min_score={min_score} must lie between 0 and 1. Change the configuration.",
            )
        self._min_score = min_score
        self._max_faces = max_faces
        self._net = _load(shipped_model() if model is None else model)

    def detect(self, picture: NDArray[np.float32]) -> tuple[Detection, ...]:
        """Faces in an upright picture [rows, columns] of degrees Celsius or raw counts; best first, none twice.

        Boxes are in the picture's pixels and clipped to it; a forehead is None when no bare skin is seen there.
        """
        prepared = prepare(picture)
        self._net.setInput(prepared.planes)
        answers: MatLike = self._net.forward()
        found = decode(np.asarray(answers, dtype=np.float32)[0], self._min_score, self._max_faces)
        rows, columns = picture.shape
        shift = np.array([prepared.left_px, prepared.top_px] * 2, dtype=np.float64)
        detections = []
        for score, box, forehead, bare, readable in zip(*found, strict=True):
            face = Box(*((box - shift) / prepared.scale).tolist()).clipped(columns, rows)
            brow = Box(*((forehead - shift) / prepared.scale).tolist()).clipped(columns, rows)
            if face.width_px < 2 or face.height_px < 2:
                continue
            sees_brow = bare >= 0.5 and brow.width_px >= 1 and brow.height_px >= 1
            detections.append(Detection(face, float(score), brow if sees_brow else None, float(readable)))
        return tuple(detections)


def _load(model: bytes) -> cv2.dnn.Net:
    try:
        return cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))
    except cv2.error as error:
        raise ConfigError(
            "人脸检测模型无法读取：文件损坏或 OpenCV 版本不符。请重新安装程序。",
            f"The face model cannot be read: damaged, or wrong for OpenCV {cv2.__version__}. Reinstall the program.",
        ) from error
