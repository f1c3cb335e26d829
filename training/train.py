"""Train the face network: `python -m training.train` makes the shipped model and the two held-out ones.

    python -m training.train --fold without_a --steps 2000

The same data, seed, versions and processor give the same weights (one thread, every draw seeded by its number).
"""

import argparse
import copy
import hashlib
import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from edge.adapters.detector_dnn import normalise
from training.augment import Scene, scene
from training.dataset import LEFT_OUT, RECORDINGS, Sample, checksum, further, is_left_out, load
from training.network import FaceNet, loss, multiply_adds, to_onnx
from training.targets import targets

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "edge" / "adapters" / "models" / "thermal_face.onnx"
HELD_OUT = ROOT / "training" / "heldout"
SEED = 2021
BATCH = 32
PEAK_RATE, DECAY = 4e-3, 1e-3
AVERAGE = 0.998  # the exported weights are a running mean of the last few hundred steps

_pool: dict[str, list[Sample]] = {}


def _fill_pool(fold: str, more: bool) -> None:
    cv2.setNumThreads(1)
    seen = [sample for sample in (*load(), *(further() if more else ())) if not is_left_out(sample, fold)]
    # An "uncertain" or far face alone teaches nothing but its surroundings: those frames count as face-free ones.
    _pool["faces"] = [sample for sample in seen if any(not face.ignore for face in sample.faces)]
    _pool["free"] = [sample for sample in seen if not sample.faces]
    _pool["free"] += [sample for sample in seen if sample.faces and all(face.ignore for face in sample.faces)]


def batch(fold: str, number: int, more: bool = False) -> tuple[np.ndarray, ...]:
    """Batch `number` of this fold's training, whichever process makes it; more: the frames of `further` as well."""
    if not _pool:
        _fill_pool(fold, more)
    parts = []
    for index in range(BATCH):
        draw = np.random.default_rng((SEED, number, index))
        made = scene(draw, _pool["faces"], _pool["free"])
        parts.append((_planes(made), *targets(made)))
    return tuple(np.stack(part) for part in zip(*parts, strict=True))


def _planes(made: Scene) -> np.ndarray:
    """As edge/adapters/detector_dnn.py's prepare makes them: what lies outside the frame is zero."""
    f = made.frame
    rows, columns = slice(int(f.y0), int(f.y1)), slice(int(f.x0), int(f.x1))
    planes = np.zeros((2, *made.picture.shape), np.float32)
    planes[:, rows, columns] = normalise(np.ascontiguousarray(made.picture[rows, columns]))
    return planes


def train(fold: str, steps: int, more: bool = False, say: Any = sys.stderr.write) -> FaceNet:
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    net = FaceNet().to(memory_format=torch.channels_last)
    mean = copy.deepcopy(net)
    decays = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim == 1]
    optimiser = torch.optim.AdamW([{"params": decays, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}])
    rate = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, steps, pct_start=0.15)
    began, running = time.monotonic(), 0.0
    with ProcessPoolExecutor(1) as helper:
        waiting = [helper.submit(batch, fold, number, more) for number in range(6)]
        for step in range(steps):
            planes, *truth = (torch.from_numpy(part) for part in waiting.pop(0).result())
            waiting.append(helper.submit(batch, fold, step + 6, more))
            net.train()
            value = loss(net(planes.contiguous(memory_format=torch.channels_last)), *truth)
            optimiser.zero_grad()
            value.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimiser.step()
            rate.step()
            follow(mean, net, min(AVERAGE, (1 + step) / (10 + step)))
            running += (value.item() - running) * (0.02 if step else 1.0)
            if step % 100 == 99:
                say(f"{fold} step {step + 1} loss {running:.3f} {time.monotonic() - began:.0f} s\n")
        helper.shutdown(cancel_futures=True)
    return mean


@torch.no_grad()
def follow(mean: FaceNet, net: FaceNet, keep: float) -> None:
    for ours, theirs in zip(mean.state_dict().values(), net.state_dict().values(), strict=True):
        if ours.is_floating_point():
            ours.lerp_(theirs, 1 - keep)
        else:
            ours.copy_(theirs)


def write(fold: str, steps: int, folder: Path | None, more: bool = False) -> None:
    net = train(fold, steps, more)
    macs = multiply_adds(net)
    model = to_onnx(net)
    path = SHIPPED if fold == "all" else HELD_OUT / f"{fold}.onnx"
    path = folder / path.name if folder else path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model)
    if not _pool:
        _fill_pool(fold, more)
    used = _pool["faces"] + _pool["free"]
    about = {
        "fold": fold,
        "cameras_left_out": LEFT_OUT[fold],
        "recordings": sorted({sample.recording for sample in used}),
        "frames_with_faces": len(_pool["faces"]),
        "frames_without": len(_pool["free"]),
        "data_sha256": checksum(more),
        "model_sha256": hashlib.sha256(model).hexdigest(),
        "bytes": len(model),
        "multiply_adds_160x128": macs,
        "seed": SEED,
        "steps": steps,
        "batch": BATCH,
        "torch": torch.__version__,
    }
    record = HELD_OUT / f"{fold}.json" if folder is None else folder / f"{fold}.json"
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps(about, indent=1) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fold", choices=sorted(LEFT_OUT), action="append", help="default: all three")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--out", type=Path, help="folder for the result, instead of the repository's places")
    parser.add_argument("--further", action="store_true", help="learn from training/annotations.json as well")
    options = parser.parse_args()
    if not RECORDINGS.exists():
        sys.stderr.write(f"找不到录像：{RECORDINGS}\nThe recordings are not there: {RECORDINGS}\n")
        return 2
    os.nice(10)
    for fold in options.fold or sorted(LEFT_OUT):
        write(fold, options.steps, options.out, options.further)
    return 0


if __name__ == "__main__":
    sys.exit(main())
