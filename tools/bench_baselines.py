"""What ours is compared with: OpenCV's frontal Haar cascade, the largest warm blob, and our previous detector."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.adapters.detector_dnn import Proposer, detections, scaled
from edge.core.faces import SURE_SCORE, Detection
from edge.core.geometry import Box

UPSCALE = 2


def stretched(picture: NDArray[np.float32]) -> NDArray[np.uint8]:
    """8-bit picture between the 1st and the 99.5th percentile."""
    low, high = (float(value) for value in np.percentile(picture, (1, 99.5)))
    grey = np.clip((picture - low) * (255.0 / max(high - low, 1e-6)), 0, 255)
    return grey.astype(np.uint8)


def usual_forehead(face: Box) -> Box:
    """Where a forehead usually is in a face box: neither baseline finds it (mean of the annotated ones, rounded)."""
    return Box(
        face.x0 + 0.2 * face.width_px,
        face.y0 + 0.08 * face.height_px,
        face.x1 - 0.2 * face.width_px,
        face.y0 + 0.28 * face.height_px,
    )


class Haar:
    """haarcascade_frontalface_default with OpenCV's default parameters, on the stretched picture enlarged twice."""

    def __init__(self) -> None:
        path = Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_default.xml"
        self._cascade = cv2.CascadeClassifier(str(path))

    def detect(self, picture: NDArray[np.float32]) -> tuple[Detection, ...]:
        grey = cv2.resize(stretched(picture), None, fx=UPSCALE, fy=UPSCALE, interpolation=cv2.INTER_LINEAR)
        found = self._cascade.detectMultiScale(grey)
        boxes = [Box(*(float(v) / UPSCALE for v in (x, y, x + w, y + h))) for x, y, w, h in found]
        return tuple(Detection(box, 1.0, usual_forehead(box), 1.0) for box in boxes)


class WarmBlob:
    """The largest region above Otsu's threshold of the warm part (skin, not clothes), if it is 60 pixels or more."""

    def detect(self, picture: NDArray[np.float32]) -> tuple[Detection, ...]:
        grey = stretched(picture)
        body, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        warm = np.ascontiguousarray(grey[grey > body]).reshape(1, -1)
        if warm.size == 0:
            return ()
        skin, _ = cv2.threshold(warm, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        _, _, stats, _ = cv2.connectedComponentsWithStats((grey > skin).astype(np.uint8))
        blobs = stats[1:]
        if len(blobs) == 0 or blobs[:, cv2.CC_STAT_AREA].max() < 60:
            return ()
        x, y, w, h = (float(v) for v in blobs[blobs[:, cv2.CC_STAT_AREA].argmax(), :4])
        box = Box(x, y, x + w, y + h)
        return (Detection(box, 1.0, usual_forehead(box), 1.0),)


class OneNetwork:
    """The previous detector: the first network alone, with 5 x 5 layers, before a second one looked again.

    model: ONNX bytes of `training/wide`, to the byte those that shipped then; min_score: as it shipped.
    """

    def __init__(self, model: bytes, min_score: float = SURE_SCORE, max_faces: int = 12) -> None:
        self._network = Proposer(model)
        self._min_score, self._max_faces = min_score, max_faces

    def detect(self, picture: NDArray[np.float32]) -> tuple[Detection, ...]:
        small, scale = scaled(picture)
        found = self._network.propose(small, self._min_score, self._max_faces)
        return tuple(detections(found, scale, picture.shape))
