"""The second network, which looks at one proposal at a time, its loss, and its way to ONNX."""

import io

import torch
from torch import Tensor, nn
from torch.nn import functional

from edge.core.face_answers import BINS, LOOK_BARE, LOOK_EDGES, LOOK_FACE, LOOK_PX, LOOK_READABLE
from training.network import Conv, Separable


class LookNet(nn.Module):
    """float32 [n, 2, 48, 48] -> answers [n, 99] (see edge/core/face_answers.py)."""

    def __init__(self) -> None:
        super().__init__()
        self.at2 = nn.Sequential(Conv(2, 16, 3, 2), Separable(16, 24))
        self.at4 = nn.Sequential(Separable(24, 48, 2), Separable(48, 48, kernel=5), Separable(48, 48, kernel=5))
        self.at8 = nn.Sequential(Separable(48, 96, 2), Separable(96, 96, kernel=5), Separable(96, 96, kernel=5))
        self.narrow = Conv(96, 16, 1)
        self.hidden = nn.Linear(16 * 36, 64)
        self.yes = nn.Linear(64, 3)
        self.down = Conv(96, 48, 1, relu=False)
        self.back = Separable(48, 48, kernel=5)
        self.edge = nn.Conv2d(48, 8, 1)
        self.drop = nn.Dropout(0.3)

    def forward(self, x: Tensor) -> Tensor:
        fine = self.at4(self.at2(x))
        coarse = self.at8(fine)
        told = functional.relu(self.hidden(self.drop(self.narrow(coarse).flatten(1))))
        fine = self.back(fine + functional.interpolate(self.down(coarse), scale_factor=2.0, mode="nearest"))
        maps = self.edge(fine)
        columns, rows = maps[:, :4].mean(2), maps[:, 4:].mean(3)
        # columns: x0 and x1 of face and forehead; rows: their y0 and y1
        edges = torch.cat([each[:, k : k + 1] for k in range(4) for each in (columns, rows)], 1)
        return torch.cat([self.yes(self.drop(told)), 4.0 * edges.flatten(1)], 1)


def loss(answers: Tensor, truth: Tensor) -> Tensor:
    """answers [n, 99]; truth [n, 12]: face, bare, readable (1, 0, or -1 unknown), weight, eight edges (0..1 of the
    side, negative where unknown)."""
    total = answers.new_zeros(())
    for which, weight in ((LOOK_FACE, 1.0), (LOOK_BARE, 0.3), (LOOK_READABLE, 0.3)):
        known = (truth[:, which] >= 0).float() * truth[:, 3]
        each = functional.binary_cross_entropy_with_logits(
            answers[:, which], truth[:, which].clamp(min=0.0), reduction="none"
        )
        total = total + weight * (known * each).sum() / known.sum().clamp(min=1.0)
    logits = answers[:, LOOK_EDGES:].reshape(-1, 8, BINS)
    aim = truth[:, 4:]
    known = (aim > -0.5).float()
    place = (aim * BINS - 0.5).clamp(0, BINS - 1 - 1e-4)
    low = place.floor()
    share = place - low
    log = functional.log_softmax(logits, 2)
    low_at = low.long().unsqueeze(2)
    cross = -(1 - share) * log.gather(2, low_at).squeeze(2) - share * log.gather(2, low_at + 1).squeeze(2)
    mean = (log.exp() * ((torch.arange(BINS) + 0.5) / BINS)).sum(2)
    miss = functional.smooth_l1_loss(mean, aim.clamp(0.5 / BINS, 1 - 0.5 / BINS), reduction="none", beta=0.02)
    return total + (known * (0.2 * cross + 6.0 * miss)).sum() / known.sum().clamp(min=1.0)


def to_onnx(net: LookNet) -> bytes:
    """The trained network for OpenCV: norms folded, any number of looks at once."""
    net.eval()
    for part in net.modules():
        if isinstance(part, Conv):
            part.fuse()
    buffer = io.BytesIO()
    torch.onnx.export(
        net,
        (torch.zeros(2, 2, LOOK_PX, LOOK_PX),),
        buffer,
        dynamo=False,
        opset_version=13,
        input_names=["looks"],
        output_names=["answers"],
        dynamic_axes={"looks": {0: "n"}, "answers": {0: "n"}},
    )
    return buffer.getvalue()
