"""Part of the readings' section of `make bench`: what a reading in the minute after a shutter event is worth.

Nobody stood before a gate both in that minute and after it, but walls did. What stands still, read against the
reference as a forehead is, tells whether degrees from the reference mean the same. No recording that is read goes on
from the minute to what comes after, so the seconds of several, each of some part of the minute, are laid end to end:
what they have in common is a curve over the seconds since the event, each has a level of its own, as its wall has.
Where nobody looked the curve is taken to be straight, and from its last knot on to be nothing.

Reference and walls drift against each other at any time, and laid end to end that adds up. How far is found out by
laying recordings in which no event was for minutes end to end in the very same way: a curve is worth something as far
as it is more than theirs.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from edge.core import pipeline
from edge.core.geometry import upright
from tools.bench_play import Played, Recording

MINUTE_S = 60.0
# The curve is straight between these seconds since the event; of 50 to 60 s too little is seen for one more.
KNOTS_S = (10.0, 20.0, 30.0, 40.0, MINUTE_S)
# The same, followed on for as long as recordings from just after the minute do.
LONGER_S = (*KNOTS_S, 80.0, 105.0)
TOLD = 4  # knots in the table
# A pixel that changes by more from one second to the next is somebody who moves (noise: 0.02 K); one that drifts by
# any amount in the end stands still all the same. So many frames make a second.
MOVES_K, LEAST_FRAMES = 0.15, 5
# Faces that were seen, and what is around them, are no wall. A recording of which less is left is not asked.
BESIDE_FACE, LEAST_SHARE = 0.25, 0.05
GOAL_K = 0.15
QUIET_FITS, MOST_OF_THEM = 300, 0.95

Weights = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Second:
    """What stands still in a second of a recording: level_k above the reference, since_s since the shutter event."""

    recording: str
    since_s: float
    level_k: float


def report(plain: Sequence[tuple[Recording, Played]]) -> str:
    """What was read in the minute, and the curves' table, in Markdown."""
    there = read_there(plain)
    everywhere = np.ones_like(there)
    rows, widest_k = [], []
    for name, weights, knots_s in (
        ("where foreheads are read", there, KNOTS_S),
        (f"the same, followed on to {LONGER_S[-1]:.0f} s", there, LONGER_S),
        ("in the whole picture", everywhere, KNOTS_S),
    ):
        seen = [seconds for one, played in plain if (seconds := still_seconds(one, played, weights))]
        asked = [used for seconds in seen if (used := _asked(seconds, knots_s))]
        later = [seconds for seconds in seen if seconds[0].since_s >= LONGER_S[-1]]
        try:
            apart_k = minutes_curve([second for seconds in asked for second in seconds], knots_s)[:TOLD]
            quiet_k = quiet_curves(asked, later, knots_s)[:, :TOLD]
        except ValueError as error:
            return f"{_read_in_it(plain)} Not compared: {error}."
        widest_k.append(float(np.abs(apart_k).max()))
        cells = [f"{k:+.3f} ± {u:.3f}" for k, u in zip(apart_k, quiet_k.std(axis=0), strict=True)]
        ordinary_k = float(np.quantile(np.abs(quiet_k).max(axis=1), MOST_OF_THEM))
        rows.append(f"| {name} | {len(asked)} | {' | '.join(cells)} | {widest_k[-1]:.2f} | {ordinary_k:.2f} |")
    heads = " | ".join(f"{second:.0f} s after it (K)" for second in KNOTS_S[:TOLD])
    return "\n".join(
        [
            f"{_read_in_it(plain)} What stands still where foreheads are read, taken against the reference as they "
            f"are, differs in it from what it is at its end by {widest_k[0]:.2f} K at most, and from later still by "
            f"{widest_k[1]:.2f} K (goal {GOAL_K} K). No recording that is read goes on from the minute to what comes "
            f"after it: recordings of parts of it are laid end to end. ±: standard deviation of {QUIET_FITS} chains of "
            f"the same lengths out of recordings without an event for minutes.",
            "",
            f"| what stands still | recordings | {heads} | the most of them (K) | without an event {MOST_OF_THEM:.0%} "
            f"stay within (K) |",
            "| --- " * (TOLD + 4) + "|",
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
    weighs; none where hardly anything that weighs stands still, or where the shutter closed in between."""
    since_shutter_s = _since_shutter_s(one)
    above: list[NDArray[np.float32]] = []
    since_s: list[float] = []
    wall = weights.copy()
    for frame, told in zip(one.frames, played.reports, strict=True):
        for face in told.faces:
            face.face.box.grown(BESIDE_FACE).crop(wall)[:] = 0.0
        picture, at_s = pipeline.picture(frame, one.settings), since_shutter_s[frame.seq]
        if told.status == "ok" and told.reference_c is not None and picture is not None and np.isfinite(at_s):
            above.append(picture - np.float32(told.reference_c))
            since_s.append(at_s)
    if any(later < before for before, later in pairwise(since_s)):
        return []
    pictures, seconds = np.array(above), np.floor(np.array(since_s))
    whole = [second for second, frames in Counter(seconds.tolist()).items() if frames >= LEAST_FRAMES]
    if len(whole) < 2:
        return []
    means = np.array([pictures[seconds == second].mean(axis=0) for second in whole])
    still = wall * (np.abs(np.diff(means, axis=0)).max(axis=0) <= MOVES_K)
    if still.sum() < LEAST_SHARE * weights.sum():
        return []
    level_k = np.average(means.reshape(len(whole), -1), axis=1, weights=still.ravel())
    return [Second(one.name, second + 0.5, float(k)) for second, k in zip(whole, level_k, strict=True)]


def minutes_curve(seconds: Sequence[Second], knots_s: Sequence[float] = KNOTS_S) -> NDArray[np.float64]:
    """How far levels at these knots, all but the last, are from those at it (K), by least squares over recordings.

    ValueError: between two knots there are not two seconds of one recording, so that nobody saw the curve's slope.
    """
    for early_s, late_s in pairwise(knots_s):
        seen = Counter(second.recording for second in seconds if early_s <= second.since_s < late_s)
        if max(seen.values(), default=0) < 2:
            raise ValueError(
                f"no recording shows what stands still from {early_s:.0f} to {late_s:.0f} s after the event"
            )
    names = sorted({second.recording for second in seconds})
    levels, knots = len(names), len(knots_s) - 1
    known = np.zeros((len(seconds), levels + knots))
    for row, second in zip(known, seconds, strict=True):
        row[names.index(second.recording)] = 1.0
        row[levels:] = [np.interp(second.since_s, knots_s, np.eye(knots + 1)[knot]) for knot in range(knots)]
    found, *_ = np.linalg.lstsq(known, np.array([second.level_k for second in seconds]), rcond=None)
    apart_k: NDArray[np.float64] = found[levels:]
    return apart_k


def quiet_curves(
    asked: Sequence[Sequence[Second]], later: Sequence[Sequence[Second]], knots_s: Sequence[float] = KNOTS_S
) -> NDArray[np.float64]:
    """The curves [fit, knot] (K) of stretches as long as those asked, out of recordings without an event, at random.

    ValueError: none of them is so long.
    """
    rng = np.random.default_rng(1)
    curves = []
    for _ in range(QUIET_FITS):
        drawn: list[Second] = []
        for number, seconds in enumerate(asked):
            enough = [one for one in later if len(one) >= len(seconds)]
            if not enough:
                raise ValueError(f"no recording without an event is {len(seconds)} s long")
            one = enough[int(rng.integers(len(enough)))]
            first, sign = int(rng.integers(len(one) - len(seconds) + 1)), rng.choice((-1.0, 1.0))
            drawn += [
                Second(str(number), here.since_s, sign * there.level_k)
                for here, there in zip(seconds, one[first:], strict=False)
            ]
        curves.append(minutes_curve(drawn, knots_s))
    return np.array(curves)


def _asked(seconds: Sequence[Second], knots_s: Sequence[float]) -> list[Second]:
    used = [second for second in seconds if second.since_s < knots_s[-1]]
    return used if len(used) > 1 else []


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
