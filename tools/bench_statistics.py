"""Section of `make bench`: how well visits repeat by other statistics of the same foreheads than the one that ships."""

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from edge.core import pipeline
from edge.core.forehead import MARGIN, WARMEST_SHARE, Picture, forehead_means_c, warmest_c
from edge.core.geometry import Box
from tools.bench_play import Played, Recording, plain
from tools.bench_readings import halves_c, has_halves, is_told, usable
from training.dataset import RECORDINGS

Statistic = Callable[[Picture, Box], float]


@dataclass(frozen=True, slots=True)
class Seen:
    """A forehead of one frame: what is around it of the picture, its box there, what the gate read, and what turns the
    camera's claim into a reading (of emissivity only what it makes of the shipped statistic)."""

    picture_c: Picture
    box: Box
    temp_c: float
    correction_k: float


def warmest(share: float, margin: float) -> Statistic:
    """The mean of the warmest share of the 3 x 3 means in a box with that margin."""
    return lambda picture_c, box: warmest_c(forehead_means_c(picture_c, box, margin), share)


def quantile(percent: float, margin: float) -> Statistic:
    """A quantile of the same."""
    return lambda picture_c, box: float(np.percentile(forehead_means_c(picture_c, box, margin), percent))


STATISTICS: dict[str, Statistic] = {
    f"mean of the warmest {WARMEST_SHARE}, margin {MARGIN} (ships)": warmest(WARMEST_SHARE, MARGIN),
    "mean of the warmest 0.4, no margin": warmest(0.4, 0.0),
    "mean of the warmest 0.4, margin 0.2": warmest(0.4, 0.2),
    "mean of the warmest 0.2, margin 0.1": warmest(0.2, 0.1),
    "mean of the warmest 0.6, margin 0.1": warmest(0.6, 0.1),
    "upper quartile, no margin (shipped before)": quantile(75, 0.0),
    "upper quartile, margin 0.1": quantile(75, 0.1),
    "median, no margin": quantile(50, 0.0),
    "median, margin 0.1": quantile(50, 0.1),
    "maximum, no margin": quantile(100, 0.0),
}
# The largest margin above and the neighbours of a 3 x 3 mean lie within so much of the box's size.
KEPT = 0.5


def report() -> str:
    """The whole section, in Markdown."""
    if not RECORDINGS.is_dir():
        return "### Statistics of a forehead\n\nThe recordings (`../shared/thermal`) are not here: nothing measured."
    visits = [visit for one, played in plain() for visit in visits_of(one, played)]
    return "\n".join(
        [
            "### Statistics of a forehead",
            "",
            "The usable frames of the same visits, read by other statistics; what ships was chosen on these.",
            "",
            "| statistic of the 3 x 3 means | first half minus second half, a number told for both: visits "
            "| standard deviation (K) | all visits: standard deviation (K) | above what ships, median (K) |",
            "| --- | --- | --- | --- | --- |",
            *[_line(name, statistic, visits) for name, statistic in STATISTICS.items()],
        ]
    )


def visits_of(one: Recording, played: Played) -> list[list[Seen]]:
    """The visits of a recording with two halves, as their usable foreheads."""
    by_track: dict[int, list[Seen]] = {}
    for frame, told in zip(one.frames, played.reports, strict=True):
        for face in usable([told]):
            picture_c = pipeline.picture(frame, one.settings)
            reading = face.reading
            assert picture_c is not None
            assert reading.box is not None
            assert reading.temp_c is not None
            assert reading.raw_c is not None
            kept_c, box = _kept(picture_c, reading.box)
            seen = Seen(kept_c, box, reading.temp_c, reading.temp_c - reading.raw_c)
            by_track.setdefault(face.track, []).append(seen)
    return [visit for visit in by_track.values() if has_halves(visit)]


def _kept(picture_c: Picture, box: Box) -> tuple[Picture, Box]:
    """The part of the picture that the statistics look at, and the box in it."""
    around = box.grown(KEPT)
    left, top = max(0.0, math.ceil(around.x0)), max(0.0, math.ceil(around.y0))
    return around.crop(picture_c).copy(), Box(box.x0 - left, box.y0 - top, box.x1 - left, box.y1 - top)


def _line(name: str, statistic: Statistic, visits: Sequence[Sequence[Seen]]) -> str:
    halves, above_k = list[tuple[float, float]](), list[float]()
    for visit in visits:
        values_c = [statistic(one.picture_c, one.box) + one.correction_k for one in visit]
        halves.append(halves_c(values_c))
        above_k.append(statistics.median(c - one.temp_c for c, one in zip(values_c, visit, strict=True)))
    told = [pair for pair in halves if is_told(pair)]
    return f"| {name} | {len(told)} | {_spread(told)} | {_spread(halves)} | {statistics.median(above_k):+.2f} |"


def _spread(halves: Sequence[tuple[float, float]]) -> str:
    return f"{statistics.pstdev(first - second for first, second in halves):.3f}" if halves else "–"
