"""The temperature reference in the frame: found once, watched in every frame, followed by a filter.

The camera's level is wrong by kelvins and drifts; the reference's true temperature is known. The difference
d = T'_bb - median(region) is what every other pixel is corrected by. A scalar Kalman filter follows d; a picture
whose region is not the calm, warm disc that it was gives no d, and no reading.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from edge.core.geometry import Box

ReferenceState = Literal["searching", "locking", "trusted", "not_uniform", "innovation", "absent"]
Picture = NDArray[np.float32]

# Measured on the recordings: the inner disc spans 0.17-0.50 K (10th to 90th percentile), stands 4-10 K above the
# rim of its box, is 12-14 px wide and moves by at most 0.15 K from frame to frame away from shutter events.
MOST_SPAN_K = 0.8
LEAST_CONTRAST_K = 1.0
# Where its place is known, little contrast is enough: in a hot room the reference is hardly the warmest thing.
LEAST_CONTRAST_IN_PLACE_K = 0.2
DISC_RADII_PX = (5, 6, 7)
INNOVATION_LIMIT_K = 0.5
# Follows the reference's own wander (0.05 K around a slope of at most 1.5 K/min) through 10 mK of noise.
DRIFT_K_PER_ROOT_S = 0.03
MEASUREMENT_K = 0.02
# A region found by itself has to stay where it is this long before it is believed: people move.
LOCK_FRAMES = 5
# A calm region that stays elsewhere for so long is the new truth (somebody set the reference anew).
RELOCK_S = 5.0


@dataclass(frozen=True, slots=True)
class Reference:
    """What is known of the reference. region: upright pixels; offset_k: d; true_c: its apparent temperature T'_bb.

    measured_c is the camera's own reading of it in this frame, None when the region could not be read.
    """

    true_c: float
    given_region: Box | None = None
    region: Box | None = None
    seen_frames: int = 0
    state: ReferenceState = "searching"
    measured_c: float | None = None
    offset_k: float | None = None
    offset_var_k2: float = math.inf
    t_s: float = -math.inf
    refused_since_s: float | None = None

    @property
    def trusted(self) -> bool:
        return self.state == "trusted"


def expected_at(true_c: float, hint: Box | None) -> Reference:
    """A reference that was seen at `hint` (upright pixels) before: believed if it is there, else searched for."""
    return Reference(true_c, region=hint, seen_frames=LOCK_FRAMES if hint is not None else 0)


def watch(reference: Reference, picture_c: Picture, t_s: float) -> Reference:
    """Look at the reference in one settled picture (upright, C) taken at t_s (seconds) and follow its offset."""
    region = reference.region or reference.given_region
    if region is not None and reference.given_region is None and reference.offset_k is None:
        region = outline(picture_c, region)
    if region is None or (reference.state == "absent" and reference.given_region is None):
        return _search(reference, picture_c, t_s)
    in_place = reference.given_region is not None or reference.offset_k is not None
    measured_c = read_disc(picture_c, region, LEAST_CONTRAST_IN_PLACE_K if in_place else LEAST_CONTRAST_K)
    if measured_c is None and reference.given_region is None and reference.offset_k is None:
        return _search(reference, picture_c, t_s)  # a hint that does not hold, or a place left since
    if measured_c is None:
        return _refused(replace(reference, region=region), "not_uniform", None, t_s)
    return _follow(replace(reference, region=region), measured_c, t_s)


def forget_offset(reference: Reference) -> Reference:
    """After a shutter event: the place is known still, the offset is not."""
    return replace(reference, offset_k=None, offset_var_k2=math.inf, measured_c=None, refused_since_s=None)


def _search(reference: Reference, picture_c: Picture, t_s: float) -> Reference:
    found = find_disc(picture_c)
    found = None if found is None else outline(picture_c, found)
    if found is None:
        return replace(reference, region=None, seen_frames=0, state="searching", measured_c=None)
    return _follow(replace(reference, region=found, seen_frames=0, offset_k=None, offset_var_k2=math.inf), None, t_s)


def _follow(reference: Reference, measured_c: float | None, t_s: float) -> Reference:
    seen = reference.seen_frames + 1
    needed = 1 if reference.given_region is not None else LOCK_FRAMES
    if measured_c is None or seen < needed:
        return replace(reference, seen_frames=seen, state="locking", measured_c=measured_c, t_s=t_s)
    d_k = reference.true_c - measured_c
    if reference.offset_k is None:
        return replace(
            reference, seen_frames=seen, state="trusted", measured_c=measured_c, offset_k=d_k,
            offset_var_k2=MEASUREMENT_K**2, t_s=t_s, refused_since_s=None,
        )  # fmt: skip
    innovation_k = d_k - reference.offset_k
    if abs(innovation_k) > INNOVATION_LIMIT_K:
        return _refused(reference, "innovation", measured_c, t_s)
    predicted_k2 = reference.offset_var_k2 + DRIFT_K_PER_ROOT_S**2 * max(0.0, t_s - reference.t_s)
    gain = predicted_k2 / (predicted_k2 + MEASUREMENT_K**2)
    return replace(
        reference, seen_frames=seen, state="trusted", measured_c=measured_c, t_s=t_s, refused_since_s=None,
        offset_k=reference.offset_k + gain * innovation_k, offset_var_k2=(1.0 - gain) * predicted_k2,
    )  # fmt: skip


def _refused(reference: Reference, why: ReferenceState, measured_c: float | None, t_s: float) -> Reference:
    since_s = t_s if reference.refused_since_s is None else reference.refused_since_s
    reference = replace(reference, state=why, measured_c=measured_c, refused_since_s=since_s)
    if t_s - since_s < RELOCK_S:
        return reference
    if measured_c is None:
        return replace(reference, state="absent")
    return replace(forget_offset(reference), state="locking", measured_c=measured_c)


def read_disc(picture_c: Picture, region: Box, least_contrast_k: float) -> float | None:
    """Median (C) of the inner half of the region; None unless it is uniform and so much warmer than its rim."""
    inner = _inner(region).crop(picture_c)
    if inner.size < 9:
        return None
    low, middle, high = np.percentile(inner, (10, 50, 90))
    if high - low > MOST_SPAN_K or middle - _rim_c(picture_c, region) < least_contrast_k:
        return None
    return float(middle)


def _inner(region: Box) -> Box:
    dx, dy = region.width_px / 4, region.height_px / 4
    return Box(round(region.x0 + dx), round(region.y0 + dy), round(region.x1 - dx), round(region.y1 - dy))


def _rim_c(picture_c: Picture, region: Box) -> float:
    """Median of the four corners around a disc: outside it, whatever its box is made of."""
    height_px, width_px = picture_c.shape
    rows = [min(max(int(y), 0), height_px - 1) for y in (region.y0 - 2, region.y1 + 1)]
    columns = [min(max(int(x), 0), width_px - 1) for x in (region.x0 - 2, region.x1 + 1)]
    return float(np.median([picture_c[y, x] for y in rows for x in columns]))


def find_disc(picture_c: Picture) -> Box | None:
    """The most disc-like warm spot of the picture (upright, C): flat inside, colder all around; None without one."""
    best: tuple[float, Box] | None = None
    for radius_px in DISC_RADII_PX:
        flat_px = radius_px - 2
        inside = _window(picture_c, flat_px, np.minimum)
        span = _window(picture_c, flat_px, np.maximum) - inside
        rim = _warmest_of_ring(picture_c, radius_px + 3)
        contrast = np.where(span < MOST_SPAN_K, inside - rim, -np.inf)
        y, x = divmod(int(np.argmax(contrast)), contrast.shape[1])
        score = float(contrast[y, x])
        if score > LEAST_CONTRAST_K and (best is None or score > best[0]):
            best = score, Box(x - radius_px, y - radius_px, x + radius_px + 1, y + radius_px + 1)
    return None if best is None else best[1]


def outline(picture_c: Picture, region: Box) -> Box:
    """The disc near `region` as the picture shows it: where it is warmer than half-way to its rim (upright pixels).

    So the same disc gives the same region, whoever said where to look. Nothing disc-like there: the region itself.
    """
    height_px, width_px = picture_c.shape
    around = Box(region.x0 - 4, region.y0 - 4, region.x1 + 4, region.y1 + 4).clipped(width_px, height_px)
    window = around.crop(picture_c)
    inner = _inner(region).crop(picture_c)
    if inner.size < 9:
        return region
    half_way_c = (float(np.median(inner)) + _rim_c(picture_c, region)) / 2
    y, x = np.nonzero(window > half_way_c)
    if not 0.4 * region.area_px < y.size < 1.3 * region.area_px:
        return region
    radius_px = math.sqrt(y.size / math.pi)
    cx, cy = math.ceil(around.x0) + float(x.mean()) + 0.5, math.ceil(around.y0) + float(y.mean()) + 0.5
    return Box(cx - radius_px, cy - radius_px, cx + radius_px, cy + radius_px)


def _window(picture_c: Picture, reach_px: int, worst: np.ufunc) -> Picture:
    """Minimum or maximum over a square of 2 reach + 1 pixels around each pixel, one direction after the other."""
    result = picture_c
    for axis in (0, 1):
        result = _reduce([np.roll(result, k, axis) for k in range(-reach_px, reach_px + 1)], worst)
    return result


def _warmest_of_ring(picture_c: Picture, radius_px: int) -> Picture:
    """The warmest of 12 points on a circle around each pixel; beyond the edge it is infinitely warm."""
    height_px, width_px = picture_c.shape
    padded = np.pad(picture_c, radius_px, constant_values=np.inf)
    points = []
    for k in range(12):
        dy = radius_px + round(radius_px * math.sin(k * math.pi / 6))
        dx = radius_px + round(radius_px * math.cos(k * math.pi / 6))
        points.append(padded[dy : dy + height_px, dx : dx + width_px])
    return _reduce(points, np.maximum)


def _reduce(layers: list[Picture], worst: np.ufunc) -> Picture:
    result: Picture = layers[0]
    for layer in layers[1:]:
        result = worst(result, layer)
    return result
