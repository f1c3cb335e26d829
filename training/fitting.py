"""How both networks learn: one thread, every batch drawn by its number, the weights a mean over the last steps.

The same data, seed, versions and processor give the same weights.
"""

import argparse
import copy
import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from training.dataset import LEFT_OUT, RECORDINGS

SEED = 2021
# Batches that another process makes beforehand, and after how many steps the loss is told.
AHEAD, TELL_EVERY = 6, 50

Batch = tuple[np.ndarray, ...]
# Makes the network of a fold in so many steps and puts it where it belongs, or into that folder; and the usual steps.
Maker = tuple[Callable[[str, int, Path | None], None], int]


@dataclass(frozen=True, slots=True)
class Recipe:
    """peak_rate, decay: of AdamW with one cycle; average: the share of the running mean that each step keeps."""

    peak_rate: float
    decay: float
    average: float


def fit(
    name: str,
    make: Callable[[], nn.Module],
    steps: int,
    recipe: Recipe,
    batch: Callable[[str, int], Batch],
    loss: Callable[..., Tensor],
) -> Any:
    """The running mean of the weights of what `make` gives, after so many steps.

    batch(name, number) -> input and truth; loss: of what the network makes of the input, and the truth.
    """
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    net = make().to(memory_format=torch.channels_last)
    mean = copy.deepcopy(net)
    decays = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim == 1]
    groups = [{"params": decays, "weight_decay": recipe.decay}, {"params": others, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.peak_rate, steps, pct_start=0.15)
    began, running = time.monotonic(), 0.0
    with ProcessPoolExecutor(1) as helper:
        waiting = [helper.submit(batch, name, number) for number in range(AHEAD)]
        for step in range(steps):
            planes, *truth = (torch.from_numpy(part) for part in waiting.pop(0).result())
            waiting.append(helper.submit(batch, name, step + AHEAD))
            net.train()
            value = loss(net(planes.contiguous(memory_format=torch.channels_last)), *truth)
            optimiser.zero_grad()
            value.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimiser.step()
            rate.step()
            _follow(mean, net, min(recipe.average, (1 + step) / (10 + step)))
            running += (value.item() - running) * (0.02 if step else 1.0)
            if step % TELL_EVERY == TELL_EVERY - 1:
                sys.stderr.write(f"{name} step {step + 1} loss {running:.3f} {time.monotonic() - began:.0f} s\n")
        helper.shutdown(cancel_futures=True)
    return mean


@torch.no_grad()
def _follow(mean: nn.Module, net: nn.Module, keep: float) -> None:
    for ours, theirs in zip(mean.state_dict().values(), net.state_dict().values(), strict=True):
        if ours.is_floating_point():
            ours.lerp_(theirs, 1 - keep)
        else:
            ours.copy_(theirs)


def sha256(model: bytes) -> str:
    """By which a record names a model."""
    return hashlib.sha256(model).hexdigest()


def write(
    model: bytes, to: Path, record: Path, folder: Path | None, about: dict[str, Any], recordings: Sequence[str]
) -> None:
    """A trained model, and beside it what it learnt from; both under these names in the folder instead, if one is
    given."""
    if folder is not None:
        to, record = folder / to.name, folder / record.name
    for file in (to, record):
        file.parent.mkdir(parents=True, exist_ok=True)
    to.write_bytes(model)
    told = {
        **about,
        "recordings": sorted(set(recordings)),
        "model_sha256": sha256(model),
        "bytes": len(model),
        "seed": SEED,
        "torch": torch.__version__,
    }
    record.write_text(json.dumps(told, indent=1) + "\n")


def command(told: str | None, makers: dict[str, Maker]) -> int:
    """The command line of one step of the training; makers: by network, each with its usual number of steps."""
    parser = argparse.ArgumentParser(description=told, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fold", choices=sorted(LEFT_OUT), action="append", help="default: all three")
    parser.add_argument("--network", choices=sorted(makers), action="append", help="default: all of this step")
    usual = ", ".join(f"{name} {steps}" for name, (_, steps) in makers.items())
    parser.add_argument("--steps", type=int, help=f"default: {usual}")
    parser.add_argument("--out", type=Path, help="folder for the result, instead of the repository's places")
    options = parser.parse_args()
    if not RECORDINGS.exists():
        sys.stderr.write(f"找不到录像：{RECORDINGS}\nThe recordings are not there: {RECORDINGS}\n")
        return 2
    os.nice(10)
    for fold in options.fold or sorted(LEFT_OUT):
        for name in options.network or makers:
            make, steps = makers[name]
            make(fold, options.steps or steps, options.out)
    return 0
