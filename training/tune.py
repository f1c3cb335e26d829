"""Both cheap networks learn on, from the truth: `python -m training.tune`, after slim. So the first one is shipped.

    python -m training.tune --fold without_a

They know most of it already, so a small rate and a few hundred steps are enough, and what is hard may be shown more
often: the first network sees the profiles, turned and hidden faces and backs of heads of training/annotations.json as
well. The second one learns from what the first one proposes after that; training/doubt.py does the rest.
"""

import sys
from functools import partial
from pathlib import Path
from typing import Any

from torch import nn

from training import fitting, network, second, train, train_second
from training.dataset import LEFT_OUT, checksum, names, seen_evenly, seen_hard
from training.network import FaceNet, multiply_adds
from training.occluders import Wardrobe
from training.second import LookNet
from training.slim import loaded, narrow, narrow_look, narrowed, read

HELD_OUT = train.ROOT / "training" / "heldout"
SHIPPED = train.ROOT / "edge" / "adapters" / "models"
TUNED = train.ROOT / "training" / "tuned"
STEPS, RECIPE = 600, fitting.Recipe(peak_rate=1e-3, decay=1e-4, average=0.99)
# Where a forehead lies under a brim or a fringe is the second network's to tell: it sees more of both, lower and wider.
OUTDOORS = Wardrobe(hat=0.2, fringe=0.08, glasses=0.14, brim=(0.06, 0.36), wide=0.6, sag=(-0.1, 0.06), least_brow=0.2)
LOOK_STEPS, LOOK_RECIPE = 1200, fitting.Recipe(peak_rate=1.5e-3, decay=1e-3, average=0.99)


def start(make: type[nn.Module], shape: bytes, model: bytes) -> nn.Module:
    """The network as slim left it; shape: the wide model that it was made of."""
    return loaded(narrowed(read(make(), shape)), model)


def write(fold: str, steps: int, folder: Path | None) -> None:
    """Let this fold's first network learn on, and put it where it belongs, or into that folder."""
    model = narrow(fold).read_bytes()
    make = partial(start, FaceNet, train.wide(fold).read_bytes(), model)
    net = fitting.fit(fold, make, steps, RECIPE, partial(train.batch, learnt_from=seen_hard), network.loss)
    faces, free = seen_hard(fold)
    about = _about(fold, model, steps, train.BATCH)
    about["frames_with_faces"], about["frames_without"] = len(faces), len(free)
    about["multiply_adds_160x128"] = multiply_adds(net)
    record = HELD_OUT / f"{fold}.json"
    fitting.write(network.to_onnx(net), tuned(fold), record, folder, about, names(faces, free))


def write_look(fold: str, steps: int, folder: Path | None) -> None:
    """Let this fold's second network learn on, and put it where it belongs, or into that folder."""
    model = narrow_look(fold).read_bytes()
    make = partial(start, LookNet, train_second.wide_look(fold).read_bytes(), model)
    first = partial(proposing, folder=folder)
    batch = partial(train_second.batch, first=first, wardrobe=OUTDOORS)
    net = fitting.fit(fold, make, steps, LOOK_RECIPE, batch, second.loss)
    about = _about(fold, model, steps, train_second.BATCH)
    about["first_model_sha256"] = fitting.sha256(first(fold).read_bytes())
    record = TUNED / f"{fold}_look.json"
    fitting.write(second.to_onnx(net), tuned_look(fold), record, folder, about, names(*seen_evenly(fold)))


def proposing(fold: str, folder: Path | None) -> Path:
    """The first network of this fold that the second one learns behind: that folder's, where it has one."""
    beside = None if folder is None else folder / tuned(fold).name
    return beside if beside is not None and beside.exists() else tuned(fold)


def tuned(fold: str) -> Path:
    """Where the first network of this fold lies, done."""
    return SHIPPED / "thermal_face.onnx" if fold == "all" else HELD_OUT / f"{fold}.onnx"


def tuned_look(fold: str) -> Path:
    """Where the second network of this fold lies, before it learns to doubt."""
    return TUNED / f"{fold}_look.onnx"


def _about(fold: str, model: bytes, steps: int, size: int) -> dict[str, Any]:
    return {
        "fold": fold,
        "cameras_left_out": LEFT_OUT[fold],
        "data_sha256": checksum(more=True),
        "narrow_model_sha256": fitting.sha256(model),
        "steps": steps,
        "batch": size,
    }


if __name__ == "__main__":
    sys.exit(fitting.command(__doc__, {"first": (write, STEPS), "second": (write_look, LOOK_STEPS)}))
