"""Train the face network: `python -m training.train`, for all recordings and without those of some cameras.

    python -m training.train --fold without_a --steps 2000

How it learns: training/fitting.py. What it makes is shipped after training/slim.py and training/tune.py.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from edge.adapters.detector_dnn import normalise
from training import fitting
from training.augment import Scene, scene
from training.dataset import LEFT_OUT, Sample, checksum, names, seen
from training.network import FaceNet, loss, multiply_adds, to_onnx
from training.targets import targets

ROOT = Path(__file__).resolve().parents[1]
WIDE = ROOT / "training" / "wide"
BATCH = 32
STEPS = 2000
Learnt = Callable[[str], tuple[list[Sample], list[Sample]]]
# The exported weights are a running mean of the last few hundred steps.
RECIPE = fitting.Recipe(peak_rate=4e-3, decay=1e-3, average=0.998)


def batch(fold: str, number: int, learnt_from: Learnt = seen) -> fitting.Batch:
    """Batch `number` of this fold's training, whichever process makes it, from the frames that learnt_from names."""
    cv2.setNumThreads(1)
    parts = []
    for index in range(BATCH):
        draw = np.random.default_rng((fitting.SEED, number, index))
        made = scene(draw, *learnt_from(fold))
        parts.append((_planes(made), *targets(made)))
    return tuple(np.stack(part) for part in zip(*parts, strict=True))


def _planes(made: Scene) -> np.ndarray:
    """As edge/adapters/detector_dnn.py's prepare makes them: what lies outside the frame is zero."""
    f = made.frame
    rows, columns = slice(int(f.y0), int(f.y1)), slice(int(f.x0), int(f.x1))
    planes = np.zeros((2, *made.picture.shape), np.float32)
    planes[:, rows, columns] = normalise(np.ascontiguousarray(made.picture[rows, columns]))
    return planes


def write(fold: str, steps: int, folder: Path | None) -> None:
    """Train this fold and put the network where it belongs, or into that folder."""
    net = fitting.fit(fold, FaceNet, steps, RECIPE, batch, loss)
    macs = multiply_adds(net)
    faces, free = seen(fold)
    about = {
        "fold": fold,
        "cameras_left_out": LEFT_OUT[fold],
        "frames_with_faces": len(faces),
        "frames_without": len(free),
        "data_sha256": checksum(),
        "multiply_adds_160x128": macs,
        "steps": steps,
        "batch": BATCH,
    }
    fitting.write(to_onnx(net), wide(fold), WIDE / f"{fold}.json", folder, about, names(faces, free))


def wide(fold: str) -> Path:
    """Where the first network of this fold lies, as trained."""
    return WIDE / f"{fold}.onnx"


if __name__ == "__main__":
    sys.exit(fitting.command(__doc__, {"first": (write, STEPS)}))
