"""Pictures -> one look a second at the reference and at the blackbody before the camera.

What a look calls `seen_c` is what a gate without a calibration would read there: claim + live offset of the reference.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calibration import pixels
from calibration.pixels import Statistics
from edge.core.frame import CameraInfo, Frame, celsius
from edge.core.geometry import Box, Rotation, to_sensor, upright
from edge.core.reference import LEAST_CONTRAST_IN_PLACE_K, find_disc, read_disc
from edge.core.validity import Validity, judge

Picture = NDArray[np.float32]

LOOK_S = 1.0
LEAST_SOURCE_CONTRAST_K = 6.0
MOST_SOURCE_SPAN_K = 0.8
# Of the box: a disc fills pi / 4 and is as wide as high.
ROUND, FILLED = (0.7, 1.43), (0.6, 0.95)
REACH_PX = 16
# A 70 mm source at 0.45 m; more is a hand beside it.
MOST_RADIUS_PX = 11.5


@dataclass(frozen=True, slots=True)
class Seen:
    """One look. t_s: of its last frame; reference_c: the camera's own claim of it; box: where it was (upright pixels).

    seen_c, radius_px, x, y (fractions of the upright picture), u, v (-1 to 1 over the stored frame): of the source,
    None when there is none. why_not: a code of procedure texts; None: all of it can be used.
    """

    t_s: float
    serial: str | None = None
    uptime_s: float | None = None
    fpa_c: float | None = None
    reference_c: float | None = None
    box: Box | None = None
    seen_c: float | None = None
    radius_px: float = 0.0
    x: float = 0.0
    y: float = 0.0
    u: float = 0.0
    v: float = 0.0
    why_not: str | None = None


@dataclass(frozen=True, slots=True)
class _Spot:
    seen_c: float
    x_px: float
    y_px: float
    radius_px: float


@dataclass(frozen=True, slots=True)
class Observer:
    """What earlier frames left. region: the reference's, upright pixels, None: it is searched for."""

    camera: CameraInfo
    rotation_deg: Rotation
    reference_c: float
    region: Box | None = None
    settling_s: float = 10.0
    validity: Validity = Validity()
    statistics: Statistics = Statistics()
    since_s: float | None = None
    references_c: tuple[float, ...] = ()
    spots: tuple[_Spot, ...] = ()
    why_not: str | None = None


def observe(observer: Observer, frame: Frame, now_s: float) -> tuple[Observer, Seen | None]:
    """One frame further; a look when a second of frames is together. now_s on the clock of frame.t_s."""
    camera = observer.camera
    validity, status = judge(observer.validity, frame, now_s, camera.rows, camera.columns, observer.settling_s)
    observer = replace(observer, validity=validity)
    if observer.since_s is None:
        observer = replace(observer, since_s=frame.t_s)
    if status == "ok" and frame.unit == "centikelvin":
        observer = _looked(observer, celsius(frame))
    else:
        observer = replace(observer, why_not="settling" if status in ("settling", "shutter") else "no_picture")
    assert observer.since_s is not None
    if frame.t_s - observer.since_s < LOOK_S - 0.06:
        return observer, None
    seen = _summed(observer, frame)
    return replace(observer, since_s=frame.t_s, references_c=(), spots=(), why_not=None), seen


def _looked(observer: Observer, stored_c: Picture) -> Observer:
    statistics = pixels.seen(observer.statistics, stored_c)
    picture_c = np.ascontiguousarray(upright(stored_c, observer.rotation_deg))
    observer = replace(observer, statistics=statistics)
    region = observer.region or find_disc(picture_c)
    disc = None if region is None else read_disc(picture_c, region, LEAST_CONTRAST_IN_PLACE_K)
    if region is None or disc is None:
        return replace(observer, why_not="no_reference")
    references_c = (*observer.references_c, disc.measured_c)
    if observer.region is None:
        return replace(observer, region=region, references_c=references_c)
    source = find_source(picture_c, region)
    observer = replace(observer, references_c=references_c)
    if isinstance(source, str):
        return replace(observer, why_not=source)
    offset_k = observer.reference_c - disc.measured_c
    spot = replace(source, seen_c=source.seen_c + offset_k)
    return replace(observer, spots=(*observer.spots, spot))


def _summed(observer: Observer, frame: Frame) -> Seen:
    told = frame.telemetry
    seen = Seen(
        t_s=frame.t_s,
        serial=told.serial,
        uptime_s=None if told.uptime_ms is None else told.uptime_ms / 1000.0,
        fpa_c=told.fpa_c,
        reference_c=float(np.mean(observer.references_c)) if observer.references_c else None,
        box=observer.region,
        why_not=observer.why_not,
    )
    if not observer.spots or observer.why_not is not None:
        return seen
    x_px, y_px, radius_px, seen_c = (
        float(np.mean([getattr(one, name) for one in observer.spots]))
        for name in ("x_px", "y_px", "radius_px", "seen_c")
    )
    camera, turn = observer.camera, observer.rotation_deg
    wide, high = (camera.columns, camera.rows) if turn in (0, 180) else (camera.rows, camera.columns)
    u_px, v_px = to_sensor(Box(x_px, y_px, x_px, y_px), turn, wide, high).centre
    return replace(
        seen,
        seen_c=seen_c,
        radius_px=radius_px,
        x=x_px / wide,
        y=y_px / high,
        u=2 * u_px / camera.columns - 1,
        v=2 * v_px / camera.rows - 1,
    )


def find_source(picture_c: Picture, reference: Box) -> _Spot | str:
    """The blackbody before the camera: the warmest disc that is not the reference; or why there is none to read."""
    height_px, width_px = picture_c.shape
    ambient_c = float(np.median(picture_c[::3, ::3]))
    masked = picture_c.copy()
    grow = 0.4 * reference.width_px
    around = Box(reference.x0 - grow, reference.y0 - grow, reference.x1 + grow, reference.y1 + grow)
    around.clipped(width_px, height_px).crop(masked)[:] = ambient_c
    # A pixel alone is none: the whole 3 x 3 around the warmest place is warm.
    shifted = [np.roll(np.roll(masked, dy, 0), dx, 1) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    least = np.minimum.reduce(shifted)
    row, column = divmod(int(np.argmax(least)), width_px)
    peak_c = float(least[row, column])
    if peak_c - ambient_c < LEAST_SOURCE_CONTRAST_K:
        return "no_source"
    y0, x0 = max(0, row - REACH_PX), max(0, column - REACH_PX)
    window = masked[y0 : row + REACH_PX + 1, x0 : column + REACH_PX + 1]
    disc = _connected(window > (peak_c + ambient_c) / 2, row - y0, column - x0)
    y, x = np.nonzero(disc)
    high_px, wide_px = int(np.ptp(y)) + 1, int(np.ptp(x)) + 1
    if not (ROUND[0] < wide_px / high_px < ROUND[1] and FILLED[0] < y.size / (wide_px * high_px) < FILLED[1]):
        return "covered"
    radius_px = float(np.sqrt(y.size / np.pi))
    if radius_px > MOST_RADIUS_PX:
        return "covered"
    cy, cx = float(y.mean()), float(x.mean())
    inner = (y - cy) ** 2 + (x - cx) ** 2 <= max(1.6, 0.55 * radius_px) ** 2
    values_c = window[y[inner], x[inner]]
    low_c, high_c = np.percentile(values_c, (10, 90))
    if high_c - low_c > MOST_SOURCE_SPAN_K:
        return "covered"
    return _Spot(float(values_c.mean()), x0 + cx + 0.5, y0 + cy + 0.5, radius_px)


def _connected(mask: NDArray[np.bool_], row: int, column: int) -> NDArray[np.bool_]:
    """The part of the mask that hangs together with this place."""
    found = np.zeros_like(mask)
    found[row, column] = mask[row, column]
    while True:
        padded = np.pad(found, 1)
        grown = mask & (padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:] | found)
        if np.array_equal(grown, found):
            return found
        found = grown
