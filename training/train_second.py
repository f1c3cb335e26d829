"""Train the network that looks again: `python -m training.train_second`, after `python -m training.train`.

    python -m training.train_second --fold without_a

The first network of the same fold makes the proposals, so that neither has seen the cameras that are left out.
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

import cv2
import numpy as np
import torch

from edge.adapters.detector_dnn import Proposer
from training.augment import scene
from training.dataset import LEFT_OUT, Sample, checksum, further, is_left_out, load, spread
from training.looks import looks
from training.second import LookNet, loss, to_onnx
from training.train import HELD_OUT, SEED, SHIPPED, follow

SHIPPED_LOOK = SHIPPED.with_name("thermal_look.onnx")
BATCH = 80
STEPS = 1000
PEAK_RATE, DECAY = 3e-3, 1e-2
AVERAGE = 0.997

_pool: dict[str, list[Sample]] = {}
_first: list[Proposer] = []


def first_model(fold: str) -> Path:
    return SHIPPED if fold == "all" else HELD_OUT / f"{fold}.onnx"


def fill(fold: str) -> None:
    cv2.setNumThreads(1)
    seen = [sample for sample in (*load(), *further()) if not is_left_out(sample, fold)]
    _pool["faces"] = spread([sample for sample in seen if any(not face.ignore for face in sample.faces)])
    _pool["free"] = spread([sample for sample in seen if all(face.ignore for face in sample.faces)])
    _first[:] = [Proposer(first_model(fold).read_bytes())]


def batch(fold: str, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Batch `number` of this fold's training, whichever process makes it."""
    if not _pool:
        fill(fold)
    planes: list[np.ndarray] = []
    truths: list[np.ndarray] = []
    index = have = 0
    while have < BATCH:
        draw = np.random.default_rng((SEED, 2, number, index))
        shown, told = looks(draw, scene(draw, _pool["faces"], _pool["free"]), _first[0])
        planes.append(shown)
        truths.append(told)
        have += len(shown)
        index += 1
    return np.concatenate(planes)[:BATCH], np.concatenate(truths)[:BATCH]


def train(fold: str, steps: int) -> LookNet:
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    net = LookNet().to(memory_format=torch.channels_last)
    mean = copy.deepcopy(net)
    decays = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim == 1]
    optimiser = torch.optim.AdamW([{"params": decays, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}])
    rate = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, steps, pct_start=0.15)
    began, running = time.monotonic(), 0.0
    with ProcessPoolExecutor(1) as helper:
        waiting = [helper.submit(batch, fold, number) for number in range(4)]
        for step in range(steps):
            planes, truth = (torch.from_numpy(part) for part in waiting.pop(0).result())
            waiting.append(helper.submit(batch, fold, step + 4))
            net.train()
            value = loss(net(planes.contiguous(memory_format=torch.channels_last)), truth)
            optimiser.zero_grad()
            value.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimiser.step()
            rate.step()
            follow(mean, net, min(AVERAGE, (1 + step) / (10 + step)))
            running += (value.item() - running) * (0.02 if step else 1.0)
            if step % 50 == 49:
                sys.stderr.write(f"{fold} step {step + 1} loss {running:.3f} {time.monotonic() - began:.0f} s\n")
        helper.shutdown(cancel_futures=True)
    return mean


def write(fold: str, steps: int, folder: Path | None) -> None:
    model = to_onnx(train(fold, steps))
    path = SHIPPED_LOOK if fold == "all" else HELD_OUT / f"{fold}_look.onnx"
    path = folder / path.name if folder else path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model)
    if not _pool:
        fill(fold)
    about = {
        "fold": fold,
        "cameras_left_out": LEFT_OUT[fold],
        "recordings": sorted({sample.recording for sample in _pool["faces"] + _pool["free"]}),
        "frames_with_faces": len({(each.recording, each.frame) for each in _pool["faces"]}),
        "frames_without": len({(each.recording, each.frame) for each in _pool["free"]}),
        "data_sha256": checksum(more=True),
        "first_model_sha256": hashlib.sha256(first_model(fold).read_bytes()).hexdigest(),
        "model_sha256": hashlib.sha256(model).hexdigest(),
        "bytes": len(model),
        "seed": SEED,
        "steps": steps,
        "batch": BATCH,
        "torch": torch.__version__,
    }
    record = (folder or HELD_OUT) / f"{fold}_look.json"
    record.write_text(json.dumps(about, indent=1) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fold", choices=sorted(LEFT_OUT), action="append", help="default: all three")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--out", type=Path, help="folder for the result, instead of the repository's places")
    options = parser.parse_args()
    os.nice(10)
    for fold in options.fold or sorted(LEFT_OUT):
        write(fold, options.steps, options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
