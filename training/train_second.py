"""Train the network that looks again: `python -m training.train_second`, after `python -m training.train`.

    python -m training.train_second --fold without_a

The first network of the same fold makes the proposals, so that neither has seen the cameras that are left out.
"""

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from edge.adapters.detector_dnn import Proposer
from training import fitting
from training.augment import Drawn, scene
from training.dataset import LEFT_OUT, checksum, names, seen_evenly
from training.looks import looks
from training.occluders import USUAL, Wardrobe
from training.second import LookNet, loss, to_onnx
from training.synthetic import people
from training.train import WIDE, wide

BATCH = 80
STEPS = 1000
RECIPE = fitting.Recipe(peak_rate=3e-3, decay=1e-2, average=0.997)


@cache
def proposer(model: Path) -> Proposer:
    """The first network of this file."""
    return Proposer(model.read_bytes())


def batch(
    fold: str, number: int, first: Callable[[str], Path] = wide, wardrobe: Wardrobe = USUAL, drawn: Drawn = people
) -> tuple[np.ndarray, np.ndarray]:
    """Batch `number` of this fold's training, whichever process makes it; first: where the network lies that
    proposes."""
    cv2.setNumThreads(1)
    planes: list[np.ndarray] = []
    truths: list[np.ndarray] = []
    index = have = 0
    while have < BATCH:
        draw = np.random.default_rng((fitting.SEED, 2, number, index))
        shown, told = looks(draw, scene(draw, *seen_evenly(fold), wardrobe, drawn), proposer(first(fold)))
        planes.append(shown)
        truths.append(told)
        have += len(shown)
        index += 1
    return np.concatenate(planes)[:BATCH], np.concatenate(truths)[:BATCH]


def write(fold: str, steps: int, folder: Path | None) -> None:
    """Train this fold and put the network where it belongs, or into that folder."""
    net = fitting.fit(fold, LookNet, steps, RECIPE, batch, loss)
    faces, free = seen_evenly(fold)
    about = {
        "fold": fold,
        "cameras_left_out": LEFT_OUT[fold],
        "frames_with_faces": len({(each.recording, each.frame) for each in faces}),
        "frames_without": len({(each.recording, each.frame) for each in free}),
        "data_sha256": checksum(more=True),
        "first_model_sha256": fitting.sha256(wide(fold).read_bytes()),
        "steps": steps,
        "batch": BATCH,
    }
    fitting.write(to_onnx(net), wide_look(fold), WIDE / f"{fold}_look.json", folder, about, names(faces, free))


def wide_look(fold: str) -> Path:
    """Where the second network of this fold lies, as trained."""
    return WIDE / f"{fold}_look.onnx"


if __name__ == "__main__":
    sys.exit(fitting.command(__doc__, {"second": (write, STEPS)}))
