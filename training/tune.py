"""Both cheap networks learn on, from the truth: `python -m training.tune`, after slim. What it makes is shipped.

    python -m training.tune --fold without_a

They know most of it already, so a small rate and a few hundred steps are enough, and what is hard may be shown more
often: the first network sees the profiles, turned and hidden faces and backs of heads of training/annotations.json as
well. The second one learns from what the first one proposes after that.
"""

import argparse
import hashlib
import os
import sys
from functools import partial
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import nn

from training import fitting, network, second, train, train_second
from training.dataset import LEFT_OUT, checksum, names, seen_evenly, seen_hard
from training.network import FaceNet, multiply_adds
from training.second import LookNet
from training.slim import narrow, narrow_look, narrowed, read
from training.train import ROOT, wide
from training.train_second import wide_look

HELD_OUT = ROOT / "training" / "heldout"
SHIPPED = ROOT / "edge" / "adapters" / "models"
STEPS, RECIPE = 600, fitting.Recipe(peak_rate=1e-3, decay=1e-4, average=0.99)
LOOK_STEPS, LOOK_RECIPE = 1200, fitting.Recipe(peak_rate=1.5e-3, decay=1e-3, average=0.99)


def start(net: nn.Module, shape: bytes, model: bytes) -> nn.Module:
    """The network as slim left it; shape: the wide model that it was made of."""
    net = narrowed(read(net, shape))
    weights = {each.name: numpy_helper.to_array(each) for each in onnx.load_from_string(model).graph.initializer}
    net.load_state_dict({name: torch.from_numpy(weights[name].copy()) for name in net.state_dict()})
    return net


def write(fold: str, folder: Path | None) -> None:
    """Let this fold's first network learn on, and put it where it belongs, or into that folder."""
    model = narrow(fold).read_bytes()
    make = partial(start, FaceNet(), wide(fold).read_bytes(), model)
    net = fitting.fit(fold, make, STEPS, RECIPE, partial(train.batch, learnt_from=seen_hard), network.loss)
    faces, free = seen_hard(fold)
    about = _about(fold, model, STEPS, train.BATCH) | {
        "frames_with_faces": len(faces),
        "frames_without": len(free),
        "multiply_adds_160x128": multiply_adds(net),
    }
    fitting.write(network.to_onnx(net), tuned(fold), HELD_OUT / f"{fold}.json", folder, about, names(faces, free))


def write_look(fold: str, folder: Path | None) -> None:
    """Let this fold's second network learn on, and put it where it belongs, or into that folder."""
    model = narrow_look(fold).read_bytes()
    make = partial(start, LookNet(), wide_look(fold).read_bytes(), model)
    batch = partial(train_second.batch, first=tuned)
    net = fitting.fit(fold, make, LOOK_STEPS, LOOK_RECIPE, batch, second.loss)
    about = _about(fold, model, LOOK_STEPS, train_second.BATCH)
    about["first_model_sha256"] = _sha256(tuned(fold).read_bytes())
    to = tuned_look(fold)
    fitting.write(second.to_onnx(net), to, HELD_OUT / f"{fold}_look.json", folder, about, names(*seen_evenly(fold)))


def tuned(fold: str) -> Path:
    """Where the first network of this fold lies, done."""
    return SHIPPED / "thermal_face.onnx" if fold == "all" else HELD_OUT / f"{fold}.onnx"


def tuned_look(fold: str) -> Path:
    """Where the second network of this fold lies, done."""
    return SHIPPED / "thermal_look.onnx" if fold == "all" else HELD_OUT / f"{fold}_look.onnx"


def _about(fold: str, model: bytes, steps: int, size: int) -> dict[str, object]:
    return {
        "fold": fold,
        "cameras_left_out": LEFT_OUT[fold],
        "data_sha256": checksum(more=True),
        "narrow_model_sha256": _sha256(model),
        "steps": steps,
        "batch": size,
    }


def _sha256(model: bytes) -> str:
    return hashlib.sha256(model).hexdigest()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fold", choices=sorted(LEFT_OUT), action="append", help="default: all three")
    parser.add_argument("--network", choices=("first", "second"), action="append", help="default: both")
    parser.add_argument("--out", type=Path, help="folder for the result, instead of the repository's places")
    options = parser.parse_args()
    os.nice(10)
    for fold in options.fold or sorted(LEFT_OUT):
        for which in options.network or ("first", "second"):
            (write if which == "first" else write_look)(fold, options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
