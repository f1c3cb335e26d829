"""Faces in a thermal picture, found by a small network of our own run by OpenCV's dnn module.

picture -> `prepare` (resize, normalise, pad) -> network -> `decode` (boxes, without doubles) -> Detections

The network never sees a temperature: `prepare` removes level and gain, so that raw counts serve as well as degrees.
It is trained by `training/` and described in docs/model-card.md; why it is what it is: docs/decisions/face-detector.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.resources import files

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from edge.core.errors import ConfigError
from edge.core.face_answers import LOOK_PX, Found, decode, second_look, window, worth_a_look
from edge.core.faces import SURE_SCORE, Detection
from edge.core.geometry import Box

FIRST_MODEL, SECOND_MODEL = "models/thermal_face.onnx", "models/thermal_look.onnx"
MOST_LOOKS = 6  # a bound on a frame's cost: more faces than these are never near enough to be read
LONG_SIDE_PX = 160  # a Lepton's picture goes in as it is; larger sensors are reduced to its face sizes
PAD_TO_PX = 16  # the network halves its maps four times
FLATTEST = 1e-4  # least spread as a share of the level: below a 14-bit sensor's step there is only rounding
# Of 2 x 2 pixels, two thirds of a face at the gate: its surroundings and its parts both show.
LOCAL_WINDOW = (13, 13)

Maps = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Models:
    """ONNX bytes of the network that proposes and of the one that looks again."""

    first: bytes
    second: bytes


@dataclass(frozen=True, slots=True)
class Prepared:
    """What goes into the network, and where the picture lies in it.

    planes: float32 [1, 2, rows, columns], rows and columns multiples of 16. left_px, top_px: padding.
    """

    planes: Maps
    left_px: int
    top_px: int


def scaled(picture: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    """The picture with its longer side at 160 pixels, and network pixels per picture pixel."""
    rows, columns = picture.shape
    scale = LONG_SIDE_PX / max(rows, columns)
    small = np.asarray(picture, dtype=np.float32)
    if scale == 1.0:
        return small, scale
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(small, size, interpolation=interpolation), np.float32), scale


def prepare(small: NDArray[np.float32]) -> Prepared:
    """Normalise and pad a picture at the networks' scale, of any unit.

    First plane: difference to the median over the spread of the picture, compressed to -1..1. Second plane: difference
    to the neighbourhood's mean over its deviation, compressed likewise: a face's parts, whatever is behind it.
    Values that are not finite are taken as the median.
    """
    planes = normalise(small)
    height, width = small.shape
    more_rows, more_columns = -height % PAD_TO_PX, -width % PAD_TO_PX
    top, left = more_rows // 2, more_columns // 2
    canvas = np.zeros((1, 2, height + more_rows, width + more_columns), np.float32)
    canvas[0, :, top : top + height, left : left + width] = planes
    return Prepared(canvas, left, top)


def normalise(small: NDArray[np.float32]) -> Maps:
    """The two planes, float32 [2, rows, columns], of a picture at the network's scale."""
    finite = np.isfinite(small)
    if not finite.all():
        seen = small[::2, ::2][finite[::2, ::2]]
        small = np.where(finite, small, np.float32(np.median(seen) if seen.size else 0.0))
    sample = small[::2, ::2].ravel()
    low_at, middle_at, high_at = (int(share * (sample.size - 1)) for share in (0.05, 0.5, 0.98))
    ordered = np.partition(sample, (low_at, middle_at, high_at))
    # Level and gain are taken off in float64: raw counts and kelvins are large numbers beside a face's contrast.
    level = float(ordered[middle_at])
    spread = max(float(ordered[high_at]) - float(ordered[low_at]), FLATTEST * max(1.0, abs(level)))
    difference = (small - np.float32(level)) * np.float32(1.0 / spread)
    mean, deviation = _around(difference)
    local = np.subtract(difference, mean, dtype=np.float32)
    local /= deviation
    difference *= 2.0
    planes = np.empty((2, *small.shape), np.float32)
    np.divide(difference, np.abs(difference) + 1.0, out=planes[0])
    np.divide(local, np.abs(local) + 1.0, out=planes[1])
    return planes


def _around(difference: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and deviation around every pixel: they change slowly, so they are worked out for 2 x 2 pixels at once."""
    rows, columns = difference.shape
    coarse = ((columns + 1) // 2, (rows + 1) // 2)
    halved = (cv2.resize(plane, coarse, interpolation=cv2.INTER_AREA) for plane in (difference, difference**2))
    mean, square = (cv2.boxFilter(plane, -1, LOCAL_WINDOW, borderType=cv2.BORDER_REFLECT) for plane in halved)
    variance = np.subtract(square, mean * mean, dtype=np.float32)
    deviation = np.sqrt(np.maximum(variance, 0.0, out=variance), out=variance)
    deviation += np.float32(0.03)
    fine = [cv2.resize(plane, (columns, rows), interpolation=cv2.INTER_LINEAR) for plane in (mean, deviation)]
    return np.asarray(fine[0], np.float32), np.asarray(fine[1], np.float32)


def look(small: NDArray[np.float32], boxes: NDArray[np.float64]) -> tuple[Maps, NDArray[np.float64]]:
    """The windows around boxes [n, 4] of a picture at the network's scale -> planes [n, 2, 48, 48] and the windows as
    shown, x0, y0, side [n, 3], in whole pixels. What lies outside the picture is zero."""
    rows, columns = small.shape
    planes = np.zeros((len(boxes), 2, LOOK_PX, LOOK_PX), np.float32)
    shown = np.empty((len(boxes), 3))
    for k, box in enumerate(boxes):
        left, top, side = (round(float(value)) for value in window(box))
        x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + side, columns), min(top + side, rows)
        shown[k] = left, top, side
        # Where the seen part lies in the 48 x 48: normalised alone, so that nothing invented takes part.
        u0, u1 = ((x - left) * LOOK_PX // side for x in (x0, x1))
        v0, v1 = ((y - top) * LOOK_PX // side for y in (y0, y1))
        if u1 - u0 < 2 or v1 - v0 < 2:
            continue
        how = cv2.INTER_AREA if side > LOOK_PX else cv2.INTER_LINEAR
        seen = cv2.resize(small[y0:y1, x0:x1], (u1 - u0, v1 - v0), interpolation=how)
        planes[k, :, v0:v1, u0:u1] = normalise(np.asarray(seen, np.float32))
    return planes, shown


def shipped_models() -> Models:
    """The networks that come with the package."""
    folder = files("edge.adapters")
    return Models(folder.joinpath(FIRST_MODEL).read_bytes(), folder.joinpath(SECOND_MODEL).read_bytes())


class Proposer:
    """The first network on a picture at its own scale: where a face may be."""

    def __init__(self, model: bytes) -> None:
        self._net = _load(model)

    def propose(self, small: NDArray[np.float32], least: float, most: int = MOST_LOOKS) -> Found:
        """The likeliest places, best first, boxes in pixels of the given picture [rows, columns]."""
        prepared = prepare(small)
        self._net.setInput(prepared.planes)
        answers: MatLike = self._net.forward()
        found = decode(np.asarray(answers, dtype=np.float32)[0], least, most)
        shift = np.array([prepared.left_px, prepared.top_px] * 2, dtype=np.float64)
        return replace(found, boxes=found.boxes - shift, foreheads=found.foreheads - shift)


class DnnFaceDetector:
    """Finds faces in upright pictures [rows, columns] of any size (faces of about 1/12 to 1/2 of the longer side).

    Works on degrees Celsius and on raw counts alike. OpenCV's threads are left as they are: one is enough for these
    networks, so a gate calls cv2.setNumThreads(1) once, where it wires itself. An object serves one thread at a time.
    min_score: least score of a claim; weak_score: what was looked at for a claim's sake and is worth this much is
    told, too. ConfigError: a model cannot be read by this OpenCV.
    """

    def __init__(
        self,
        models: Models | None = None,
        min_score: float = SURE_SCORE,
        weak_score: float | None = None,
        max_faces: int = 12,
    ) -> None:
        self._least = min_score if weak_score is None else weak_score
        if not 0.0 < self._least <= min_score < 1.0:
            raise ConfigError(
                f"人脸检测门限 min_score={min_score}、weak_score={weak_score} 必须在 0 和 1 之间，"
                "后者不高于前者。请修改配置。",
                f"Face detector: min_score={min_score} and weak_score={weak_score} must lie between 0 and 1, the second"
                " one not above the first. Change the configuration.",
            )
        self._worth = worth_a_look(min_score)
        self._max_faces = max_faces
        models = shipped_models() if models is None else models
        self._first = Proposer(models.first)
        self._second = _load(models.second)

    def detect(self, picture: NDArray[np.float32]) -> tuple[Detection, ...]:
        """Faces in an upright picture [rows, columns] of degrees Celsius or raw counts; best first, none twice.

        Boxes are in the picture's pixels and clipped to it; a forehead is None when no bare skin is seen there.
        """
        small, scale = scaled(picture)
        proposed = self._first.propose(small, self._worth)
        if not len(proposed.scores):
            return ()
        planes, shown = look(small, proposed.boxes)
        answers = np.concatenate([self._look(planes[k : k + 1]) for k in range(len(planes))])
        found = second_look(answers, shown, proposed, self._least, self._max_faces)
        return tuple(detections(found, scale, picture.shape))

    def _look(self, planes: Maps) -> Maps:
        """One window at a time: OpenCV lays the network out anew whenever their number changes, which costs more."""
        self._second.setInput(planes)
        told: MatLike = self._second.forward()
        return np.array(told, dtype=np.float32)


def detections(found: Found, scale: float, shape: tuple[int, ...]) -> Iterator[Detection]:
    """What was found, `scale` of its pixels to one of the picture [rows, columns], clipped to it."""
    rows, columns = shape
    for k in range(len(found.scores)):
        face = Box(*(found.boxes[k] / scale).tolist()).clipped(columns, rows)
        brow = Box(*(found.foreheads[k] / scale).tolist()).clipped(columns, rows)
        if face.width_px < 2 or face.height_px < 2:
            continue
        sees_brow = found.bare[k] >= 0.5 and brow.width_px >= 1 and brow.height_px >= 1
        yield Detection(face, float(found.scores[k]), brow if sees_brow else None, float(found.readable[k]))


def _load(model: bytes) -> cv2.dnn.Net:
    try:
        return cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))
    except cv2.error as error:
        raise ConfigError(
            "人脸检测模型无法读取：文件损坏或 OpenCV 版本不符。请重新安装程序。",
            f"The face model cannot be read: damaged, or wrong for OpenCV {cv2.__version__}. Reinstall the program.",
        ) from error
