"""Face -> forehead reading, or the reason why there is none.

The reading is the mean of the warmest two fifths of the 3 x 3 means in and around the bare forehead: hair and the rim
of the forehead lie among the others. What is around counts as far as the forehead itself is as warm; hot pixels are
taken for the warmest that skin may be. It is never one pixel, and never moved towards the mean of anything else.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from edge.core.correction import IDENTITY, Correction
from edge.core.faces import Detection
from edge.core.geometry import Box
from edge.core.quantiles import quantiles
from edge.core.radiometry import Budget, Skin, skin_c

Picture = NDArray[np.float32]

# Fewer pixels than this are mixed with what surrounds them (size of source); the standard asks for 10 x 10 on the
# target, which a Lepton's forehead reaches at 0.8 m only. What is missing stands in the budget.
LEAST_PIXELS = 16
LEAST_SIDE_PX = 3
# The share of the pixels that is read, the warmest ones, of a box that is larger by a margin of so much of its width
# and height on every side: where exactly the detector puts the edges then matters less (`make bench` compares others).
# The size asked for above is the box's alone.
WARMEST_SHARE, MARGIN = 0.4, 0.1
# The optics mix a small face with what surrounds it: within a visit a forehead reads lower while the face is small, by
# 12 K times (1 / width - 1 / 36) in pixels (recordings, median of 31 visits in which the width changed by 6 px at the
# least). It differs too much from one to the next to be corrected, and stands in the budget: from nothing to all of it.
FULL_SIZE_PX, SMALLER_K_PX = 36.0, 12.0
# How far the warmest vessel of a forehead may stand above its upper quartile: of the 125 usable faces annotated in the
# recordings the warmest 3 x 3 mean of the bare forehead does by 0.39 K in the median, by 0.75 K in three of four.
SKIN_SPAN_K = 0.75
READABLE_SCORE = 0.5
# Above this a spot in the face is a hot object (cup, lamp, cigarette), below the other it is ice or nothing: not skin.
HOTTEST_SKIN_C = 43.0
COLDEST_SKIN_C = 0.0
HOT_RIM_PX = 2
# A box's corners show what is behind the head, in a hot room as warm as a fever: the face's maximum is looked for in
# the ellipse of so much of its width and height, less the pixel that 3 x 3 pixels reach beyond their middle.
FACE_SHARE, RIM_PX = 0.95, 1.0
# Of 555 people with nothing on their forehead the warmest spot of the face was more than 1.94 K above the forehead's in
# 3 %, more than 2.39 K in 1 % (PhysioNet, FLIR, first round: face maximum less maximum of the forehead's centre). A
# forehead that lies farther below is wet, in from the cold, or under something; so far below it is under a hat.
COVERED_K = 2.0
HAT_K = 4.0
# A face that moves faster is smeared: a quarter of its width between two frames of a Lepton.
STILL_WIDTHS_PER_S = 2.2
# The spread of true skin temperature among the pixels read is not noise; noise of 3 x 3 means is this.
PIXEL_NOISE_K = 0.03


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the frame allows: offset_k to the reference (None: not trusted), its uncertainty, surroundings, limits.

    correction: what the sensor's calibration makes of claim + offset. fever_c: a forehead as warm as that is read
    whatever is warmer in the face. sure_score: a face of less is not read.
    """

    offset_k: float | None
    offset_u_k: float
    reflected_c: float
    skin: Skin
    budget: Budget
    min_face_width_px: float
    correction: Correction = IDENTITY
    fever_c: float = math.inf
    sure_score: float = 0.0


@dataclass(frozen=True, slots=True)
class ForeheadReading:
    """One face of one frame. Temperatures of skin in C; raw_c is the camera's own claim; u_c standard uncertainty.

    why_not is a code of texts.REASONS; None means that this reading may be used. t_s: when it was taken, in seconds on
    the frames' clock; stands_for_s: since the frame before, none in a track's first; budget: the parts of u_c.
    """

    box: Box | None
    pixels: int
    raw_c: float | None = None
    temp_c: float | None = None
    face_max_c: float | None = None
    u_c: float | None = None
    why_not: str | None = None
    t_s: float = 0.0
    stands_for_s: float = 0.0
    budget: Budget | None = None

    @property
    def usable(self) -> bool:
        return self.why_not is None


def read(picture_c: Picture, face: Detection, speed_widths_per_s: float, conditions: Conditions) -> ForeheadReading:
    """Read one face of an upright picture (the camera's own C); its speed since the last frame in face widths/s."""
    height_px, width_px = picture_c.shape
    box = face.forehead.clipped(width_px, height_px) if face.forehead is not None else None
    pixels = 0 if box is None else int(box.crop(picture_c).size)
    why_not = _obstacle(face, box, pixels, speed_widths_per_s, conditions, width_px, height_px)
    reading = ForeheadReading(box=box, pixels=pixels, why_not=why_not)
    if conditions.offset_k is None:
        return replace(reading, why_not=why_not or "no_reference")
    hottest_c = _face_max_c(picture_c, face.box, conditions)
    if box is None or _too_small(box, pixels):
        return replace(reading, face_max_c=hottest_c)
    raw_c = warmest_c(forehead_means_c(picture_c, box))
    noise_k = PIXEL_NOISE_K / math.sqrt(max(1.0, WARMEST_SHARE * pixels / 9.0))
    parts = budget_of(conditions.budget, face.box.width_px, conditions.offset_u_k, noise_k)
    temp_c = _skin_c(raw_c, conditions)
    if not COLDEST_SKIN_C <= temp_c <= HOTTEST_SKIN_C:
        return replace(reading, face_max_c=hottest_c, why_not=why_not or "not_skin")
    if why_not is None and hottest_c is not None and temp_c < conditions.fever_c:
        why_not = _covered(hottest_c - temp_c)
    return ForeheadReading(box, pixels, raw_c, temp_c, hottest_c, parts.combined_k, why_not, budget=parts)


def not_beside(reading: ForeheadReading, others: Iterable[Box]) -> ForeheadReading:
    """The reading as far as it is of one person: what is read must not reach into the faces of others beside them."""
    if not reading.usable or reading.box is None:
        return reading
    read_in = reading.box.grown(MARGIN)
    beside = any(read_in.overlap_px(other) > 0.0 for other in others)
    return replace(reading, why_not="overlapped") if beside else reading


def budget_of(budget: Budget, face_width_px: float, offset_u_k: float, noise_k: float) -> Budget:
    """The budget of one reading: what is known of the sensor, and what this face and this moment add to it."""
    width_px = min(max(face_width_px, 1.0), FULL_SIZE_PX)
    smaller_k = SMALLER_K_PX * (1.0 / width_px - 1.0 / FULL_SIZE_PX) / math.sqrt(3.0)
    size_k = math.hypot(budget.size_of_source_k, smaller_k)
    return replace(budget, size_of_source_k=size_k, offset_k=offset_u_k, noise_k=noise_k)


def means_3x3(picture_c: Picture, box: Box) -> Picture:
    """Means over 3 x 3 pixels around each pixel of the box whose neighbours lie in the picture [rows, columns]."""
    height_px, width_px = picture_c.shape
    around = Box(
        max(0, math.ceil(box.x0) - 1),
        max(0, math.ceil(box.y0) - 1),
        min(width_px, math.floor(box.x1) + 1),
        min(height_px, math.floor(box.y1) + 1),
    ).crop(picture_c)
    rows = around[:-2] + around[1:-1] + around[2:]
    means: Picture = (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / np.float32(9)
    return means


def forehead_means_c(picture_c: Picture, box: Box, margin: float = MARGIN) -> Picture:
    """3 x 3 means in the forehead's box and a margin around it [rows, columns]; none is warmer than the box's own.

    A glint, or a sensor's flaw after a shutter event, is taken for the warmest that skin may be beside the others.
    """
    (upper_c,) = quantiles(box.crop(picture_c), 75)
    skin_c = np.minimum(picture_c, np.float32(upper_c + SKIN_SPAN_K))
    means_c: Picture = np.minimum(means_3x3(skin_c, box.grown(margin)), means_3x3(skin_c, box).max())
    return means_c


def warmest_c(means_c: Picture, share: float = WARMEST_SHARE) -> float:
    """The mean of the warmest share of these (at least one)."""
    first = min(math.ceil((1.0 - share) * means_c.size), means_c.size - 1)
    return float(np.partition(means_c, first, axis=None)[first:].mean(dtype=np.float64))


def _obstacle(
    face: Detection,
    forehead: Box | None,
    pixels: int,
    speed_widths_per_s: float,
    conditions: Conditions,
    width_px: int,
    height_px: int,
) -> str | None:
    if _cut_off(face.box, width_px, height_px):
        return "cut_off"
    if face.box.width_px < conditions.min_face_width_px:
        return "too_far"
    if speed_widths_per_s > STILL_WIDTHS_PER_S:
        return "moving"
    if face.readable_score < READABLE_SCORE:
        return "turned"
    if forehead is None or face.score < conditions.sure_score:
        return "obscured"
    if _too_small(forehead, pixels):
        return "too_few_pixels"
    return None


def _covered(below_k: float) -> str | None:
    if below_k > HAT_K:
        return "hat"
    return "wet_or_cold" if below_k > COVERED_K else None


def _too_small(forehead: Box, pixels: int) -> bool:
    return pixels < LEAST_PIXELS or min(forehead.width_px, forehead.height_px) < LEAST_SIDE_PX


def _cut_off(box: Box, width_px: int, height_px: int) -> bool:
    return box.x0 < 0.5 or box.y0 < 0.5 or box.x1 > width_px - 0.5 or box.y1 > height_px - 0.5


def _face_max_c(picture_c: Picture, face: Box, conditions: Conditions) -> float | None:
    height_px, width_px = picture_c.shape
    box = face.clipped(width_px, height_px)
    if min(box.width_px, box.height_px) < LEAST_SIDE_PX + 1 or conditions.offset_k is None:
        return None
    limit_c = np.float32(HOTTEST_SKIN_C - conditions.offset_k)
    hot = picture_c >= limit_c
    if hot.any():
        picture_c = np.where(_near(hot), np.float32(-np.inf), picture_c)
    means = means_3x3(picture_c, box)
    skin = means[_ellipse(*means.shape) & np.isfinite(means)]
    return _skin_c(float(skin.max()), conditions) if skin.size else None


@lru_cache(maxsize=256)
def _ellipse(rows: int, columns: int) -> NDArray[np.bool_]:
    """Which pixels of a face's box [rows, columns] lie on the face, wherever the head is turned a little."""
    y, x = ((np.arange(n) + 0.5 - n / 2) / (FACE_SHARE * n / 2 - RIM_PX) for n in (rows, columns))
    inside: NDArray[np.bool_] = (y * y)[:, None] + (x * x)[None, :] <= 1.0
    inside.flags.writeable = False
    return inside


def _near(hot: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels within HOT_RIM_PX of a hot one: the optics spread its heat that far."""
    height_px, width_px = hot.shape
    padded = np.pad(hot, HOT_RIM_PX)
    near = np.zeros_like(hot)
    for dy in range(2 * HOT_RIM_PX + 1):
        for dx in range(2 * HOT_RIM_PX + 1):
            near |= padded[dy : dy + height_px, dx : dx + width_px]
    return near


def _skin_c(raw_c: float, conditions: Conditions) -> float:
    assert conditions.offset_k is not None
    seen_c = conditions.correction.true_c(raw_c + conditions.offset_k)
    return skin_c(seen_c, conditions.reflected_c, conditions.skin.emissivity)
