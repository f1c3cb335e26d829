"""Both networks made cheap, with the same answers: `python -m training.slim`, after train and train_second.

    python -m training.slim --fold without_a

What is trained sees 5 x 5 pixels in some of its depthwise layers, which OpenCV computes one by one on Arm. Here each
such layer becomes two of 3 x 3, which it computes side by side: first the pair that comes nearest to the trained
weights, then the whole network learns to answer as the trained one does, on scenes of the same recordings. No truth is
asked, and of the cameras that a fold left out nothing is seen. training/tune.py lets them learn on.
"""

import sys
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional

from edge.core.face_answers import BARE, BINS, FACE, FOREHEAD, LOOK_EDGES, LOOK_FACE, READABLE, SIDES
from training import fitting, network, second, train, train_second
from training.dataset import LEFT_OUT, checksum, names, seen, seen_evenly
from training.network import Conv, FaceNet, multiply_adds
from training.pairs import nearest_pair
from training.second import LookNet

RECIPE = fitting.Recipe(peak_rate=1e-3, decay=1e-4, average=0.99)
STEPS, LOOK_STEPS = 700, 700
# Beyond these a logit says the same, however large it is.
SURE = 8.0
NARROW = train.ROOT / "training" / "narrow"


def narrowed(net: nn.Module) -> nn.Module:
    """The network, norms folded, with each 5 x 5 depthwise layer as the two 3 x 3 ones that come nearest to it."""
    for part in net.modules():
        if isinstance(part, Conv) and isinstance(part.conv, nn.Conv2d) and part.conv.kernel_size == (5, 5):
            part.conv = _pair(part.conv)
        elif isinstance(part, nn.Dropout):
            part.p = 0.0
    return net


def _pair(layer: nn.Conv2d) -> nn.Sequential:
    count = layer.in_channels
    first = nn.Conv2d(count, count, 3, padding=1, groups=count, bias=False)
    then = nn.Conv2d(count, count, 3, padding=1, groups=count)
    a, b = nearest_pair(layer.weight.detach().numpy()[:, 0])
    first.weight.data = torch.from_numpy(a)[:, None]
    then.weight.data = torch.from_numpy(b)[:, None]
    assert layer.bias is not None  # folded
    then.bias = nn.Parameter(layer.bias.detach().clone())
    return nn.Sequential(first, then)


def read(net: nn.Module, model: bytes) -> nn.Module:
    """The network with the weights of its ONNX file; norms are folded in both."""
    net.eval()
    for part in net.modules():
        if isinstance(part, Conv):
            part.fuse()
    return loaded(net, model)


def loaded(net: nn.Module, model: bytes) -> nn.Module:
    """The network with the weights of an ONNX file of the same layers."""
    weights = {each.name: numpy_helper.to_array(each) for each in onnx.load_from_string(model).graph.initializer}
    net.load_state_dict({name: torch.from_numpy(weights[name].copy()) for name in net.state_dict()})
    return net


def batch(fold: str, number: int) -> fitting.Batch:
    """Batch `number` of the first network's scenes, and what the trained one answers to them."""
    planes, *_ = train.batch(fold, number)
    teacher = _teacher(train.wide(fold))
    return planes, np.concatenate([_asked(teacher, planes[k : k + 1]) for k in range(len(planes))])


def look_batch(fold: str, number: int) -> fitting.Batch:
    """Batch `number` of the second network's looks, and what the trained one answers to them."""
    planes, _ = train_second.batch(fold, number)
    return planes, _asked(_teacher(train_second.wide_look(fold)), planes)


@cache
def _teacher(model: Path) -> Any:
    return cv2.dnn.readNetFromONNX(str(model))


def _asked(net: Any, planes: np.ndarray) -> np.ndarray:
    net.setInput(planes)
    return np.array(net.forward(), np.float32)


def loss(answers: Tensor, told: Tensor) -> Tensor:
    """answers, told [n, 11, h, w]: cells that claim a face weigh most; of the others only that they claim none."""
    claim = torch.sigmoid(told[:, FACE])
    miss = _apart(answers[:, FACE].clamp(-SURE, SURE), told[:, FACE].clamp(-SURE, SURE))
    total = ((1.0 + 20.0 * claim) * miss).mean()
    weight = claim * (claim > 0.05)
    weight = weight / weight.sum().clamp(min=1.0)
    for which, heavy in ((SIDES, 5.0), (FOREHEAD, 20.0)):
        total = total + heavy * (weight * (answers[:, which] - told[:, which]).abs().sum(1)).sum()
    for one in (BARE, READABLE):
        total = total + (weight * _apart(answers[:, one].clamp(-SURE, SURE), told[:, one].clamp(-SURE, SURE))).sum()
    return total


def look_loss(answers: Tensor, told: Tensor) -> Tensor:
    """answers, told [n, 99]: the three logits, and the edges' distributions where there is a face."""
    total = _apart(answers[:, :LOOK_EDGES], told[:, :LOOK_EDGES]).sum(1).mean()
    claim = torch.sigmoid(told[:, LOOK_FACE])[:, None]
    ours, theirs = (functional.log_softmax(x[:, LOOK_EDGES:].reshape(-1, 8, BINS), 2) for x in (answers, told))
    apart = (theirs.exp() * (theirs - ours)).sum(2)
    places = (torch.arange(BINS) + 0.5) / BINS
    moved = ((theirs.exp() - ours.exp()) * places).sum(2).abs()
    return total + (claim * (apart + 20.0 * moved)).sum() / (8 * claim.sum()).clamp(min=1.0)


def _apart(a: Tensor, b: Tensor) -> Tensor:
    return functional.smooth_l1_loss(a, b, reduction="none", beta=0.5)


def write(fold: str, steps: int, folder: Path | None) -> None:
    """Make this fold's first network cheap, and put it where it belongs, or into that folder."""
    model = train.wide(fold).read_bytes()
    net = fitting.fit(fold, lambda: narrowed(read(FaceNet(), model)), steps, RECIPE, batch, loss)
    about = _about(fold, model, steps, train.BATCH, False) | {"multiply_adds_160x128": multiply_adds(net)}
    record = NARROW / f"{fold}.json"
    fitting.write(network.to_onnx(net), narrow(fold), record, folder, about, names(*seen(fold)))


def write_look(fold: str, steps: int, folder: Path | None) -> None:
    """Make this fold's second network cheap, and put it where it belongs, or into that folder."""
    model = train_second.wide_look(fold).read_bytes()
    net = fitting.fit(fold, lambda: narrowed(read(LookNet(), model)), steps, RECIPE, look_batch, look_loss)
    about = _about(fold, model, steps, train_second.BATCH, True)
    record = NARROW / f"{fold}_look.json"
    fitting.write(second.to_onnx(net), narrow_look(fold), record, folder, about, names(*seen_evenly(fold)))


def narrow(fold: str) -> Path:
    """Where the first network of this fold lies, made cheap."""
    return NARROW / f"{fold}.onnx"


def narrow_look(fold: str) -> Path:
    """Where the second network of this fold lies, made cheap."""
    return NARROW / f"{fold}_look.onnx"


def _about(fold: str, model: bytes, steps: int, size: int, more: bool) -> dict[str, Any]:
    return {
        "fold": fold,
        "cameras_left_out": LEFT_OUT[fold],
        "data_sha256": checksum(more),
        "wide_model_sha256": fitting.sha256(model),
        "steps": steps,
        "batch": size,
    }


if __name__ == "__main__":
    sys.exit(fitting.command(__doc__, {"first": (write, STEPS), "second": (write_look, LOOK_STEPS)}))
