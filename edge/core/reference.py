"""The temperature reference in the frame: found once, watched in every frame, followed by a filter.

The camera's level is wrong by kelvins and drifts; the reference's true temperature is known. The difference
d = T'_bb - median(region) is what every other pixel is corrected by. A scalar Kalman filter follows d; a picture
whose region is not the calm, warm disc that it was gives no d, and no reading.

When d moves, camera or reference has moved. The camera moves the disc and its rim alike; a reference that cools,
warms or is exchanged moves away from its rim, and is refused: its true temperature is no longer the one we know.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from edge.core.geometry import Box
from edge.core.quantiles import middle, quantiles

ReferenceState = Literal["searching", "locking", "trusted", "not_uniform", "innovation", "changed", "implausible"]
Picture = NDArray[np.float32]

# Measured on the recordings: the inner disc spans 0.17-0.50 K (10th to 90th percentile), stands 4-10 K above the
# rim of its box, is 12-14 px wide and moves by at most 0.15 K from frame to frame away from shutter events.
MOST_SPAN_K = 0.8
LEAST_CONTRAST_K = 1.0
# Where its place is known, little contrast is enough: in a hot room the reference is hardly the warmest thing.
LEAST_CONTRAST_IN_PLACE_K = 0.2
DISC_RADII_PX = (5, 6, 7)
ROUND, FILLED = (0.7, 1.43), (0.6, 0.95)
INNOVATION_LIMIT_K = 0.5
# The recordings' cameras are wrong by up to 5.2 K, by 7.9 K where the reference is taken for warmer than it is.
MOST_OFFSET_K = 12.0
# Follows the reference's own wander (0.05 K around a slope of at most 1.5 K/min) through 10 mK of noise.
DRIFT_K_PER_ROOT_S = 0.03
MEASUREMENT_K = 0.02
# A region found by itself has to be there so long before it is believed: people move.
LOCK_FRAMES = 5
# A shutter event moves reference against background by 0.3-0.9 K; more is another reference. A room that warms up
# moves them against each other too, but slowly.
CONTRAST_LIMIT_K = 1.0
ROOM_DRIFT_K_PER_S = 0.3 / 60
# Within a minute a settled camera drifts by less; a contrast that changes alone is somebody behind the disc.
ANCHOR_S, ANCHOR_LIMIT_K = 60.0, 0.6
# A step of camera and rim alike is believed when it has stayed so long; what is known of a reference that was not seen
# or not believed for ten minutes is forgotten: a gate that starts then would not know it either.
RELOCK_S, FORGET_S = 5.0, 600.0


@dataclass(frozen=True, slots=True)
class Reference:
    """What is known of the reference. region: upright pixels; offset_k: d; true_c: its apparent temperature T'_bb.

    measured_c is the camera's own reading of it in this frame, None when the region could not be read. contrast_k: how
    far it stood above its rim when it was last trusted, at trusted_s; anchor_k: d a while ago, at anchor_s.
    """

    true_c: float
    given_region: Box | None = None
    region: Box | None = None
    seen_frames: int = 0
    state: ReferenceState = "searching"
    measured_c: float | None = None
    offset_k: float | None = None
    offset_var_k2: float = math.inf
    contrast_k: float | None = None
    trusted_s: float = -math.inf
    anchor_k: float = 0.0
    anchor_s: float = -math.inf
    refused_since_s: float | None = None

    @property
    def trusted(self) -> bool:
        return self.state == "trusted"


@dataclass(frozen=True, slots=True)
class Disc:
    """One look at the region: median of its inner half, and how far that stands above the rim; C and K."""

    measured_c: float
    contrast_k: float


def expected_at(true_c: float, hint: Box | None) -> Reference:
    """A reference that was seen at `hint` (upright pixels) before: believed if it is there, else searched for."""
    return Reference(true_c, region=hint, seen_frames=LOCK_FRAMES if hint is not None else 0)


def watch(reference: Reference, picture_c: Picture, t_s: float) -> Reference:
    """Look at the reference in one settled picture (upright, C) taken at t_s (seconds) and follow its offset."""
    if reference.contrast_k is not None and t_s - reference.trusted_s > FORGET_S:
        reference = Reference(reference.true_c, reference.given_region)
    region = reference.region or reference.given_region
    if region is None:
        return _search(reference, picture_c, t_s)
    unknown = reference.given_region is None and reference.offset_k is None
    if unknown:
        region = outline(picture_c, region) or region
    disc = read_disc(picture_c, region, LEAST_CONTRAST_K if unknown else LEAST_CONTRAST_IN_PLACE_K)
    if disc is None and unknown:
        return _search(reference, picture_c, t_s)  # a hint that does not hold, or a place left since
    reference = replace(reference, region=region, measured_c=None if disc is None else disc.measured_c)
    if disc is None:
        return _refused(replace(reference, seen_frames=0), "not_uniform", t_s)
    return _follow(reference, disc, t_s)


def forget_offset(reference: Reference) -> Reference:
    """After a shutter event: place and contrast are known still, the offset is not."""
    return replace(reference, offset_k=None, offset_var_k2=math.inf, measured_c=None, refused_since_s=None)


def _search(reference: Reference, picture_c: Picture, t_s: float) -> Reference:
    found = find_disc(picture_c)
    disc = None if found is None else read_disc(picture_c, found, LEAST_CONTRAST_K)
    if disc is None:
        return replace(reference, region=None, seen_frames=0, state="searching", measured_c=None)
    return _follow(replace(reference, region=found, seen_frames=0, measured_c=disc.measured_c), disc, t_s)


def _follow(reference: Reference, disc: Disc, t_s: float) -> Reference:
    d_k = reference.true_c - disc.measured_c
    reference = replace(reference, seen_frames=reference.seen_frames + 1)
    if abs(d_k) > MOST_OFFSET_K:
        return _refused(reference, "implausible", t_s)
    if _is_another(reference, disc, d_k):
        return _refused(reference, "changed", t_s)
    # A given place is believed at once if it shows a disc beyond doubt; a coat that passes there hardly does.
    sure = reference.given_region is not None and disc.contrast_k >= LEAST_CONTRAST_K
    if reference.offset_k is None and not sure and reference.seen_frames < LOCK_FRAMES:
        return replace(reference, state="locking")
    if reference.offset_k is None:
        accepted = replace(reference, offset_k=d_k, offset_var_k2=MEASUREMENT_K**2, anchor_k=d_k, anchor_s=t_s)
        return _accepted(accepted, disc, t_s)
    innovation_k = d_k - reference.offset_k
    if abs(innovation_k) > INNOVATION_LIMIT_K:
        return _refused(reference, "innovation" if _level_jumped(reference, disc) else "changed", t_s)
    predicted_k2 = reference.offset_var_k2 + DRIFT_K_PER_ROOT_S**2 * max(0.0, t_s - reference.trusted_s)
    gain = predicted_k2 / (predicted_k2 + MEASUREMENT_K**2)
    offset_k, var_k2 = reference.offset_k + gain * innovation_k, (1.0 - gain) * predicted_k2
    return _accepted(replace(reference, offset_k=offset_k, offset_var_k2=var_k2), disc, t_s)


def _is_another(reference: Reference, disc: Disc, d_k: float) -> bool:
    """Whether the disc has moved against its rim, and not only its rim against the disc."""
    if reference.contrast_k is None or abs(disc.contrast_k - reference.contrast_k) <= CONTRAST_LIMIT_K:
        return False
    return reference.offset_k is None or abs(d_k - reference.anchor_k) > ANCHOR_LIMIT_K


def _level_jumped(reference: Reference, disc: Disc) -> bool:
    """Whether the disc stands above its rim as before: then the camera has jumped, not the reference."""
    return reference.contrast_k is not None and abs(disc.contrast_k - reference.contrast_k) <= INNOVATION_LIMIT_K


def _accepted(reference: Reference, disc: Disc, t_s: float) -> Reference:
    contrast_k = disc.contrast_k
    if reference.contrast_k is not None:
        reach_k = ROOM_DRIFT_K_PER_S * max(0.0, t_s - reference.trusted_s)
        contrast_k = reference.contrast_k + min(max(disc.contrast_k - reference.contrast_k, -reach_k), reach_k)
    if t_s - reference.anchor_s > ANCHOR_S and reference.offset_k is not None:
        reference = replace(reference, anchor_k=reference.offset_k, anchor_s=t_s)
    return replace(reference, state="trusted", contrast_k=contrast_k, trusted_s=t_s, refused_since_s=None)


def _refused(reference: Reference, why: ReferenceState, t_s: float) -> Reference:
    since_s = t_s if reference.refused_since_s is None else reference.refused_since_s
    reference = replace(reference, state=why, refused_since_s=since_s)
    if t_s - since_s < RELOCK_S:
        return reference
    measured_c = reference.measured_c
    if why == "innovation":  # with its contrast as it was: the camera's level has jumped
        return replace(forget_offset(reference), state="locking", measured_c=measured_c)
    if why == "not_uniform" and reference.given_region is None:
        return replace(forget_offset(reference), region=None, seen_frames=0, state="searching")
    return reference


def read_disc(picture_c: Picture, region: Box, least_contrast_k: float) -> Disc | None:
    """What the region shows; None unless its inner half is uniform and so much warmer than its rim."""
    inner = _inner(region).crop(picture_c)
    if inner.size < 9:
        return None
    low_c, middle_c, high_c = quantiles(inner, 10, 50, 90)
    contrast_k = middle_c - _rim_c(picture_c, region)
    if high_c - low_c > MOST_SPAN_K or contrast_k < least_contrast_k:
        return None
    return Disc(middle_c, contrast_k)


def _inner(region: Box) -> Box:
    dx, dy = region.width_px / 4, region.height_px / 4
    return Box(round(region.x0 + dx), round(region.y0 + dy), round(region.x1 - dx), round(region.y1 - dy))


def _rim_c(picture_c: Picture, region: Box) -> float:
    """Median of the four corners around a disc: outside it, whatever its box is made of."""
    height_px, width_px = picture_c.shape
    rows = [min(max(int(y), 0), height_px - 1) for y in (region.y0 - 2, region.y1 + 1)]
    columns = [min(max(int(x), 0), width_px - 1) for x in (region.x0 - 2, region.x1 + 1)]
    return middle(np.array([picture_c[y, x] for y in rows for x in columns]))


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
    return None if best is None else outline(picture_c, best[1])


def outline(picture_c: Picture, region: Box) -> Box | None:
    """The disc near `region` as the picture shows it: where it is warmer than half-way to its rim (upright pixels).

    So the same disc gives the same region, whoever said where to look. None: what is there is no disc.
    """
    height_px, width_px = picture_c.shape
    around = Box(region.x0 - 4, region.y0 - 4, region.x1 + 4, region.y1 + 4).clipped(width_px, height_px)
    window = around.crop(picture_c)
    inner = _inner(region).crop(picture_c)
    if inner.size < 9:
        return None
    half_way_c = (middle(inner) + _rim_c(picture_c, region)) / 2
    y, x = np.nonzero(window > half_way_c)
    if not 0.4 * region.area_px < y.size < 1.3 * region.area_px:
        return None
    # A disc is as wide as high, and fills pi / 4 of its box.
    high_px, wide_px = int(np.ptp(y)) + 1, int(np.ptp(x)) + 1
    if not (ROUND[0] < wide_px / high_px < ROUND[1] and FILLED[0] < y.size / (wide_px * high_px) < FILLED[1]):
        return None
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
