"""Section of `make bench`: the face detector beside its baselines, on frames that its training left out."""

import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.core.faces import SURE_SCORE, Detection
from edge.core.geometry import Rotation, upright
from edge.ports import FaceDetector
from tools.bench_baselines import Haar, WarmBlob
from tools.bench_scoring import Tally, score, share, total
from tools.held_out import FOLDS
from tools.held_out import models as held_out_models
from tools.held_out import previous as previous_models
from training.dataset import RECORDINGS, Sample, is_left_out, load

SCORES = (0.3, 0.4, 0.5, 0.6, 0.7)
AS_DELIVERED = SURE_SCORE
# What the score was chosen for; what each half of the cameras names is the least score tried with it.
PRECISE = 0.95
TRIED = tuple(k / 100 for k in range(40, 72, 2))
# What each held-out model is asked about, the wildlife recordings of its half among it.
HALVES = {"without_a": "the model without camera A, on A", "without_bc": "the model without cameras B and C, on both"}
ROTATIONS: tuple[Rotation, ...] = (90, 180, 270)

Picture = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Run:
    """What one detector said on every frame, and the median processor time it took for one."""

    name: str
    detections: tuple[tuple[Detection, ...], ...]
    median_ms: float


def run(name: str, detectors: list[FaceDetector], samples: list[Sample]) -> Run:
    """detectors[k] looks at samples[k]."""
    found, times_s = [], []
    for detector, sample in zip(detectors, samples, strict=True):
        began_s = time.thread_time()
        found.append(detector.detect(sample.picture))
        times_s.append(time.thread_time() - began_s)
    return Run(name, tuple(found), 1000 * statistics.median(times_s))


def held_out(samples: list[Sample], min_score: float) -> list[FaceDetector]:
    """For every frame the model whose training left its camera out."""
    return left_out(held_out_models(min_score), samples)


def left_out(models: Mapping[str, FaceDetector], samples: list[Sample]) -> list[FaceDetector]:
    """Of models by fold, for every frame the one that never saw its camera."""
    return [next(models[fold] for fold in FOLDS if is_left_out(sample, fold)) for sample in samples]


def row(name: str, tally: Tally, cost: str) -> str:
    cells = (
        f"{tally.precision:.3f}",
        f"{tally.recall:.3f}",
        f"{tally.recall_usable:.3f}",
        f"{share(tally.forehead_hits, tally.usable_found):.3f}",
        f"{share(tally.forehead_overlaps, tally.usable_found):.3f}",
        f"{tally.free_frames_with_false}/{tally.free_frames}",
        f"{tally.unsure_frames_with_false}/{tally.unsure_frames}",
        cost,
    )
    return f"| {name} | " + " | ".join(cells) + " |"


def table(runs: list[Run], samples: list[Sample], unit_ms: float) -> list[str]:
    lines = [
        "| detector | precision | recall, all | recall, usable | forehead hits | forehead IoU >= 0.4"
        " | face-free frames with a false face | frames of ignored faces only, likewise | cost per frame |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for each in runs:
        tally = total(score(s, found) for s, found in zip(samples, each.detections, strict=True))
        cost = f"{each.median_ms:.1f} ms, {each.median_ms / unit_ms:.2f} of Haar"
        lines.append(row(each.name, tally, cost))
    return lines


def details(ours: Run, samples: list[Sample]) -> list[str]:
    """Ours by held-out model, by camera and by score."""
    lines = [
        "| ours | precision | recall, all | recall, usable | forehead hits | forehead IoU >= 0.4 | face-free, false"
        " | ignored faces only, false | |"
    ]
    lines.append("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    pairs = list(zip(samples, ours.detections, strict=True))
    for fold, told in HALVES.items():
        tally = total(score(s, found) for s, found in pairs if is_left_out(s, fold))
        lines.append(row(told, tally, f"{tally.frames} frames"))
    for camera in sorted({sample.camera for sample in samples}):
        tally = total(score(s, found) for s, found in pairs if s.camera == camera)
        lines.append(row(f"camera {camera}, never seen in training", tally, f"{tally.frames} frames"))
    for least in SCORES:
        # Run anew: weak answers beside a face move its boxes, so that cutting a list by score would flatter it.
        other = run("", held_out(samples, least), samples)
        tally = total(score(s, found) for s, found in zip(samples, other.detections, strict=True))
        lines.append(row(f"score >= {least}", tally, ""))
    lines += [*chosen_elsewhere(samples), *mountings(samples)]
    tally = total(score(s, found) for s, found in pairs)
    lines.append("")
    lines.append(
        f"Called readable: {tally.usable_called_readable} of {tally.usable_found} usable faces found,"
        f" {tally.others_called_readable} of {tally.faces_found - tally.usable_found} other faces found."
    )
    return lines


def chosen_elsewhere(samples: list[Sample]) -> list[str]:
    """Ours with each half's score chosen on the other half: choosing it on the very frames that are asked flatters."""
    by_score = {}
    for least in TRIED:
        found = run("", held_out(samples, least), samples).detections
        pairs = list(zip(samples, found, strict=True))
        by_score[least] = {fold: total(score(s, each) for s, each in pairs if is_left_out(s, fold)) for fold in FOLDS}
    named = {
        fold: next((least for least in TRIED if by_score[least][fold].precision >= PRECISE), TRIED[-1])
        for fold in FOLDS
    }
    one, other = FOLDS
    tally = by_score[named[other]][one] + by_score[named[one]][other]
    told = f"score of each half chosen on the other (A names {named[one]}, B and C {named[other]})"
    return [row(told, tally, "")]


def turned(samples: list[Sample], rotation_deg: Rotation) -> list[Sample]:
    """The same frames as a camera mounted that much differently stores them, set upright by the configuration again."""
    return [replace(sample, picture=_set_upright(sample.picture, rotation_deg)) for sample in samples]


def _set_upright(picture: Picture, rotation_deg: Rotation) -> Picture:
    stored = np.ascontiguousarray(np.rot90(picture, rotation_deg // 90))
    return upright(stored, rotation_deg)


def mountings(samples: list[Sample]) -> list[str]:
    """Ours by how the camera is mounted."""
    lines = []
    for rotation_deg in ROTATIONS:
        as_seen = turned(samples, rotation_deg)
        found = run("", held_out(as_seen, AS_DELIVERED), as_seen).detections
        tally = total(score(s, each) for s, each in zip(as_seen, found, strict=True))
        lines.append(row(f"recordings turned by {rotation_deg}°, `rotation_deg` to match", tally, ""))
    return lines


def report() -> str:
    """The section's text."""
    title = "### Faces\n"
    if not RECORDINGS.exists():
        return f"{title}\n没有录像，跳过人脸检测的比较。\nNo recordings (../shared/thermal): nothing compared."
    cv2.setNumThreads(1)
    everything = load()
    samples = [sample for sample in everything if sample.annotated]
    models = held_out(samples, AS_DELIVERED)
    models[0].detect(samples[0].picture)
    ours = run("ours (models that never saw the camera)", models, samples)
    previous = run("the previous detector, likewise", left_out(previous_models(), samples), samples)
    haar = run("Haar frontal, 2x", [Haar()] * len(samples), samples)
    blob = run("largest warm blob", [WarmBlob()] * len(samples), samples)
    faces = total(score(sample, ()) for sample in samples)
    further = [sample for sample in everything if not sample.annotated]
    quiet = run("", held_out(further, AS_DELIVERED), further)
    alarms = total(score(s, found) for s, found in zip(further, quiet.detections, strict=True)).free_frames_with_false
    return "\n".join(
        [
            title,
            f"{faces.frames} annotated frames, {faces.faces} faces ({faces.usable} usable) beside ignored ones,"
            f" {faces.free_frames} frames without a face, {faces.unsure_frames} with ignored ones only;"
            f" IoU 0.4, score >= {AS_DELIVERED}, one thread, all in this run.",
            "",
            *table([ours, previous, haar, blob], samples, haar.median_ms),
            "",
            *details(ours, samples),
            "",
            f"{len(further)} further frames of recordings in which nobody appears: a false face on {alarms}.",
        ]
    )
