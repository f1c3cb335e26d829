"""The second network learns to doubt: `python -m training.doubt`, after tune. What it makes is shipped.

    python -m training.doubt --fold without_a

Only what says whether there is a face and a bare forehead learns on (`HEAD`); where a look puts the edges stays as it
was, to the bit. It sees heads from behind that are made of faces (occluders.from_behind), so that it doubts what the
first network takes for a face there, and people of the gate's simulator, so that it does not doubt whoever merely
looks strange.
"""

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

from torch import nn

from training import fitting, second, simulated, synthetic, train_second, tune
from training.augment import Draw, Picture
from training.dataset import LEFT_OUT, Face, checksum, names, seen_evenly
from training.second import LookNet

STEPS, RECIPE = 900, fitting.Recipe(peak_rate=1.5e-3, decay=1e-3, average=0.99)
HEAD = ("narrow", "hidden", "yes")
# A share of the faces become heads from behind.
SCENES = replace(tune.OUTDOORS, behind=0.04)


def start(shape: bytes, model: bytes) -> nn.Module:
    """The second network as tune left it, of which only the head learns."""
    net = tune.start(LookNet, shape, model)
    for name, weights in net.named_parameters():
        weights.requires_grad_(name.split(".")[0] in HEAD)
    return net


def drawn(draw: Draw, rows: int, columns: int) -> tuple[Picture, tuple[Face, ...]]:
    """A drawn scene, every other time the gate's own simulator's."""
    return (simulated if draw.random() < 0.5 else synthetic).people(draw, rows, columns)


def write(fold: str, steps: int, folder: Path | None) -> None:
    """Let this fold's second network learn to doubt, and put it where it belongs, or into that folder."""
    model = tune.tuned_look(fold).read_bytes()
    make = partial(start, train_second.wide_look(fold).read_bytes(), model)
    batch = partial(train_second.batch, first=tune.tuned, wardrobe=SCENES, drawn=drawn)
    net = fitting.fit(fold, make, steps, RECIPE, batch, second.loss)
    about = {
        "fold": fold,
        "cameras_left_out": LEFT_OUT[fold],
        "data_sha256": checksum(more=True),
        "tuned_model_sha256": fitting.sha256(model),
        "first_model_sha256": fitting.sha256(tune.tuned(fold).read_bytes()),
        "steps": steps,
        "batch": train_second.BATCH,
    }
    record = tune.HELD_OUT / f"{fold}_look.json"
    fitting.write(second.to_onnx(net), shipped_look(fold), record, folder, about, names(*seen_evenly(fold)))


def shipped_look(fold: str) -> Path:
    """Where the second network of this fold lies, done."""
    return tune.SHIPPED / "thermal_look.onnx" if fold == "all" else tune.HELD_OUT / f"{fold}_look.onnx"


if __name__ == "__main__":
    sys.exit(fitting.command(__doc__, {"second": (write, STEPS)}))
