"""Part of the readings' section of `make bench`: what a reading in the minute after a shutter event is worth.

Nobody stood before a gate both in that minute and after it, but walls did. What stands still, read against the
reference as a forehead is, tells whether degrees from the reference mean the same. No recording that is read goes on
from the minute to what comes after, so the seconds of several, each of some part of the minute, are laid end to end:
what they have in common is a curve over the seconds since the event, which is nothing from the minute's end on; each
has a level of its own, as its wall has. A lens does not warm alike everywhere: what counts is what stands still where
foreheads are read, a pixel as much as foreheads were read in it; the whole picture stands beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.core import pipeline
from edge.core.geometry import upright
from tools.bench_play import Played, Recording

MINUTE_S = 60.0
# The curve is straight between these seconds since the event; of 50 to 60 s too little is seen for one more.
KNOTS_S = (10.0, 20.0, 30.0, 40.0, MINUTE_S)
# A pixel that changes by more from one second to the next is somebody who moves (noise: 0.02 K); one that drifts by
# any amount in the end stands still all the same. So many frames make a second.
MOVES_K, LEAST_FRAMES = 0.15, 5
GOAL_K = 0.15
TWO_SIDED = 1.96

Weights = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Second:
    """What stands still in a second of a recording: level_k above the reference, since_s since the shutter event."""

    recording: str
    since_s: float
    level_k: float


@dataclass(frozen=True, slots=True)
class Curve:
    """How far levels at KNOTS_S, all but the last, are from those after the minute, with standard errors, and what is
    left of a second's level: its standard deviation. All in K."""

    apart_k: NDArray[np.float64]
    error_k: NDArray[np.float64]
    left_k: float


def report(plain: Sequence[tuple[Recording, Played]]) -> str:
    """What was read in the minute, and the curve's table, in Markdown."""
    there = read_there(plain)
    rows, widest_k = [], []
    for name, weights in (("where foreheads are read", there), ("in the whole picture", np.ones_like(there))):
        seconds = [second for one, played in plain for second in still_seconds(one, played, weights)]
        in_it = {second.recording for second in seconds if second.since_s < MINUTE_S}
        curve = minutes_curve([second for second in seconds if second.recording in in_it])
        widest_k.append(float((np.abs(curve.apart_k) + TWO_SIDED * curve.error_k).max()))
        cells = [f"{k:+.3f} ± {e:.3f}" for k, e in zip(curve.apart_k, curve.error_k, strict=True)]
        of_it = [_widest_k(seconds, one) for one in sorted(in_it)]
        others = [_widest_k(seconds, one) for one in sorted({second.recording for second in seconds} - in_it)]
        rows.append(
            f"| {name} | {len(in_it)} | {' | '.join(cells)} | {widest_k[-1]:.2f} | {max(of_it):.3f} "
            f"| {np.median(others):.3f} |"
        )
    heads = " | ".join(f"{second:.0f} s after it (K)" for second in KNOTS_S[:-1])
    return "\n".join(
        [
            f"{_read_in_it(plain)} What stands still where foreheads are read, taken against the reference as they "
            f"are, differs in it from what it is afterwards by no more than {widest_k[0]:.2f} K (goal {GOAL_K} K). No "
            f"recording that is read goes on from the minute to what comes after it: recordings of parts of it are "
            f"laid end to end; ± one standard error.",
            "",
            f"| what stands still | recordings | {heads} | end of the widest 95 % interval (K) | a second from its "
            f"recording's median, worst (K) | the same in a recording from after it, median (K) |",
            "| --- " * (len(KNOTS_S) + 5) + "|",
            *rows,
        ]
    )


def read_there(plain: Sequence[tuple[Recording, Played]]) -> Weights:
    """In how many usable readings each pixel of the upright picture was part of the forehead [rows, columns]."""
    one, _ = plain[0]
    weights = np.zeros_like(upright(one.frames[0].counts, one.settings.rotation_deg), np.float32)
    for _, played in plain:
        for told in played.reports:
            for face in told.faces:
                if face.reading.usable and face.reading.box is not None:
                    face.reading.box.crop(weights)[:] += 1.0
    return weights


def still_seconds(one: Recording, played: Played, weights: Weights) -> list[Second]:
    """The whole seconds in which readings are given, and the level of what stands still, a pixel counted as often as it
    weighs; none where nothing that weighs stands still."""
    since_shutter_s = _since_shutter_s(one)
    above: list[NDArray[np.float32]] = []
    since_s: list[float] = []
    for frame, told in zip(one.frames, played.reports, strict=True):
        picture, at_s = pipeline.picture(frame, one.settings), since_shutter_s[frame.seq]
        if told.status == "ok" and told.reference_c is not None and picture is not None and np.isfinite(at_s):
            above.append(picture - np.float32(told.reference_c))
            since_s.append(at_s)
    pictures, seconds = np.array(above), np.floor(np.array(since_s))
    whole = [float(second) for second in np.unique(seconds) if np.count_nonzero(seconds == second) >= LEAST_FRAMES]
    if len(whole) < 2:
        return []
    means = np.array([pictures[seconds == second].mean(axis=0) for second in whole])
    still = weights * (np.abs(np.diff(means, axis=0)).max(axis=0) <= MOVES_K)
    if not still.any():
        return []
    level_k = np.average(means.reshape(len(whole), -1), axis=1, weights=still.ravel())
    return [Second(one.name, second + 0.5, float(k)) for second, k in zip(whole, level_k, strict=True)]


def minutes_curve(seconds: Sequence[Second]) -> Curve:
    """The curve that these recordings have in common, by least squares; ValueError: a stretch of it that nobody saw."""
    names = sorted({second.recording for second in seconds})
    levels, knots = len(names), len(KNOTS_S) - 1
    known = np.zeros((len(seconds), levels + knots))
    for row, second in zip(known, seconds, strict=True):
        row[names.index(second.recording)] = 1.0
        row[levels:] = [np.interp(second.since_s, KNOTS_S, np.eye(knots + 1)[knot]) for knot in range(knots)]
    level_k = np.array([second.level_k for second in seconds])
    found, _, rank, _ = np.linalg.lstsq(known, level_k, rcond=None)
    if rank < levels + knots or len(seconds) <= rank:
        raise ValueError("the recordings do not cover the minute after a shutter event: add one that does")
    left_k = level_k - known @ found
    variance_k2 = float(left_k @ left_k) / (len(seconds) - rank)
    error_k = np.sqrt(np.diag(np.linalg.inv(known.T @ known)) * variance_k2)
    return Curve(found[levels:], error_k[levels:], variance_k2**0.5)


def _read_in_it(plain: Sequence[tuple[Recording, Played]]) -> str:
    frames = withheld = read = 0
    for one, played in plain:
        since_s = _since_shutter_s(one)
        inside = [told for told in played.reports if since_s[told.seq] < MINUTE_S]
        frames += len(inside)
        withheld += sum(told.status != "ok" for told in inside)
        read += sum(face.reading.usable for told in inside for face in told.faces)
    return (
        f"The minute after a shutter event: {frames} frames of the recordings lie in it; in {withheld} nothing is read "
        f"(settling, no reference), in the others {read} foreheads were."
    )


def _since_shutter_s(one: Recording) -> dict[int, float]:
    told = ((frame.seq, frame.telemetry) for frame in one.frames)
    return {
        seq: np.inf if t.uptime_ms is None or t.last_ffc_ms is None else (t.uptime_ms - t.last_ffc_ms) / 1000.0
        for seq, t in told
    }


def _widest_k(seconds: Sequence[Second], recording: str) -> float:
    level_k = np.array([second.level_k for second in seconds if second.recording == recording])
    return float(np.abs(level_k - np.median(level_k)).max())
