"""The network, its loss, and its way to ONNX.

A small fully convolutional net: four halvings of depthwise-separable blocks, and a way back up to one answer per
4 x 4 pixels, so that a face is seen both in detail and with the shoulders under it.
"""

import io

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from edge.core.face_answers import BARE, FACE, FOREHEAD, READABLE, SIDES

ANSWERS = 11
FREE_WEIGHT = 2.0  # of a cell without a face beside one with: several cells speak for each face
CHANNELS = (12, 24, 48, 96)  # at 1/2, 1/4, 1/8 and 1/16 of the picture


class Conv(nn.Module):
    """Convolution, batch norm and (unless told otherwise) ReLU."""

    def __init__(
        self, inside: int, outside: int, kernel: int, stride: int = 1, groups: int = 1, relu: bool = True
    ) -> None:
        super().__init__()
        self.conv: nn.Module = nn.Conv2d(inside, outside, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(outside)
        self.relu = relu

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.conv(x))
        return functional.relu(x, inplace=True) if self.relu else x

    def fuse(self) -> None:
        """Fold the norm into the convolution, for export; done once only."""
        if isinstance(self.norm, nn.BatchNorm2d):
            self.conv = fuse_conv_bn_eval(self.conv, self.norm)
            self.norm = nn.Identity()


class Separable(nn.Module):
    """Depthwise then pointwise convolution, added to its input where the shapes allow."""

    def __init__(self, inside: int, outside: int, stride: int = 1, kernel: int = 3) -> None:
        super().__init__()
        self.depth = Conv(inside, inside, kernel, stride, groups=inside)
        self.point = Conv(inside, outside, 1)
        self.add = inside == outside and stride == 1

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.point(self.depth(x))
        return x + y if self.add else y


class FaceNet(nn.Module):
    """float32 [n, 2, rows, columns] -> answers [n, 11, rows / 4, columns / 4] (see edge/adapters/detector_dnn.py)."""

    def __init__(self) -> None:
        super().__init__()
        c2, c4, c8, c16 = CHANNELS
        self.stem = Conv(2, c2, 3, 2)
        self.at4 = nn.Sequential(Separable(c2, c4, 2), Separable(c4, c4))
        self.at8 = nn.Sequential(Separable(c4, c8, 2), Separable(c8, c8), Separable(c8, c8))
        self.at16 = nn.Sequential(Separable(c8, c16, 2), Separable(c16, c16, kernel=5), Separable(c16, c16, kernel=5))
        self.down16 = Conv(c16, c8, 1, relu=False)
        self.back8 = Separable(c8, c8)
        self.down8 = Conv(c8, c4, 1, relu=False)
        self.back4 = Separable(c4, c4, kernel=5)
        self.mix = Conv(c4, 40, 1)
        self.out = nn.Conv2d(40, ANSWERS, 1)
        nn.init.constant_(self.out.bias[FACE : FACE + 1], -4.0)

    def forward(self, x: Tensor) -> Tensor:
        four = self.at4(self.stem(x))
        eight = self.at8(four)
        sixteen = self.at16(eight)
        eight = self.back8(eight + functional.interpolate(self.down16(sixteen), scale_factor=2.0, mode="nearest"))
        four = self.back4(four + functional.interpolate(self.down8(eight), scale_factor=2.0, mode="nearest"))
        answers: Tensor = self.out(self.mix(four))
        return answers


def loss(answers: Tensor, heat: Tensor, care: Tensor, inside: Tensor, wanted: Tensor) -> Tensor:
    """What training lowers: focal loss of the centres, IoU loss of the boxes, forehead and yes/no answers.

    heat [n, h, w]: 1 at the cells of a face's centre, falling off around it (CenterNet, arXiv:1904.07850, eq. 1);
    care [n, h, w]: 0 where the truth is unknown; inside [n, h, w]: weight of a cell that speaks for a face;
    wanted [n, 11, h, w]: what it should say (sides in log of 16 pixels; bare: -1 where unknown).
    """
    x = answers[:, FACE]
    p = torch.sigmoid(x)
    centre = (heat >= 0.999).float()
    found = -functional.logsigmoid(x) * (1 - p) ** 2 * centre
    free = -functional.logsigmoid(-x) * p**2 * (1 - heat) ** 4 * (1 - centre)
    count = centre.sum().clamp(min=1.0)
    total = ((found + FREE_WEIGHT * free) * care).sum() / count
    weight = inside / inside.sum().clamp(min=1.0)
    got, aim = answers[:, SIDES].clamp(-4, 4), wanted[:, SIDES]
    total = (
        total
        + 0.5 * (weight * (got - aim).abs().sum(1)).sum()
        + 1.5 * (weight * (1 - _iou(got.exp(), aim.exp()))).sum()
    )
    bare = weight * (wanted[:, BARE] > 0.5).float()
    miss = functional.smooth_l1_loss(answers[:, FOREHEAD], wanted[:, FOREHEAD], reduction="none", beta=0.05).sum(1)
    total = total + 4.0 * (bare * miss).sum()
    for which in (BARE, READABLE):
        known = weight * (wanted[:, which] >= 0).float()
        total = (
            total
            + 0.5
            * (
                known
                * functional.binary_cross_entropy_with_logits(
                    answers[:, which], wanted[:, which].clamp(min=0.0), reduction="none"
                )
            ).sum()
        )
    return total


def _iou(a: Tensor, b: Tensor) -> Tensor:
    """IoU of boxes given as distances left, top, right, bottom from the same point, [n, 4, h, w] -> [n, h, w]."""
    area = (a[:, 0] + a[:, 2]) * (a[:, 1] + a[:, 3]) + (b[:, 0] + b[:, 2]) * (b[:, 1] + b[:, 3])
    low = torch.minimum(a, b)
    common = (low[:, 0] + low[:, 2]) * (low[:, 1] + low[:, 3])
    return common / (area - common)


def to_onnx(net: FaceNet) -> bytes:
    """The trained network for OpenCV: norms folded, batch of one 160 x 128 picture (other sizes work as well)."""
    net.eval()
    for part in net.modules():
        if isinstance(part, Conv):
            part.fuse()
    buffer = io.BytesIO()
    torch.onnx.export(
        net,
        (torch.zeros(1, 2, 160, 128),),
        buffer,
        dynamo=False,
        opset_version=13,
        input_names=["planes"],
        output_names=["answers"],
    )
    return buffer.getvalue()


def multiply_adds(net: FaceNet, rows: int = 160, columns: int = 128) -> int:
    """Multiply-add operations for one picture."""
    total = 0

    def count(module: nn.Module, _: tuple[Tensor, ...], out: Tensor) -> None:
        nonlocal total
        if isinstance(module, nn.Conv2d):
            total += out.shape[2] * out.shape[3] * module.weight.numel()

    hooks = [module.register_forward_hook(count) for module in net.modules() if isinstance(module, nn.Conv2d)]
    with torch.no_grad():
        net.eval()(torch.zeros(1, 2, rows, columns))
    for hook in hooks:
        hook.remove()
    return total
