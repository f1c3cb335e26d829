"""Faces of successive frames -> one person.

A face continues the track whose last box it is nearest to, in units of the face's own width; nearest pairs first.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from edge.core.decision import Decision
from edge.core.forehead import ForeheadReading
from edge.core.geometry import Box

FARTHEST_WIDTHS = 1.0
LEAST_SIZE_RATIO = 0.5
# While no frames come (shutter), nobody can be seen and nobody is taken to have left.
LONGEST_STEP_S = 0.25
# A face in the zone for fewer frames is a glimpse, not a person who stood there.
PERSON_FRAMES = 3
# Readings before the last ones decide nothing any more; keeping a few bounds the memory.
KEPT_READINGS = 32


@dataclass(frozen=True, slots=True)
class Track:
    """One person as long as the gate sees them. Times in seconds on the frames' clock.

    zone_frames: frames in which the face was wide enough to stand in the zone; moved_widths: way since the frame
    before, in face widths; unseen_s: delivered time since the face was last seen.
    """

    number: int
    box: Box
    t_first_s: float
    t_last_s: float
    frames: int = 1
    zone_frames: int = 0
    unseen_s: float = 0.0
    moved_widths: float = 0.0
    usable: tuple[ForeheadReading, ...] = ()
    obstacles: Counter[str] = field(default_factory=Counter)
    decision: Decision | None = None

    @property
    def stood_in_zone(self) -> bool:
        return self.zone_frames >= PERSON_FRAMES


def associate(tracks: Sequence[Track], boxes: Sequence[Box]) -> list[int | None]:
    """For each box the position of the track that it continues, or None for somebody new. No track twice."""
    pairs = sorted(
        (distance, b, t)
        for b, box in enumerate(boxes)
        for t, track in enumerate(tracks)
        if (distance := _distance_widths(track, box)) is not None
    )
    chosen: list[int | None] = [None] * len(boxes)
    taken: set[int] = set()
    for _, b, t in pairs:
        if chosen[b] is None and t not in taken:
            chosen[b] = t
            taken.add(t)
    return chosen


def seen(track: Track, box: Box, t_s: float, in_zone: bool) -> Track:
    """The track, one frame on, with its face at `box`."""
    return replace(
        track,
        box=box,
        t_last_s=t_s,
        frames=track.frames + 1,
        zone_frames=track.zone_frames + in_zone,
        unseen_s=0.0,
        moved_widths=_way_px(track.box, box) / box.width_px,
    )


def missed(track: Track, step_s: float) -> Track:
    """The track after a frame without its face; step_s: time since the frame before."""
    return replace(track, unseen_s=track.unseen_s + min(step_s, LONGEST_STEP_S))


def with_reading(track: Track, reading: ForeheadReading) -> Track:
    """The track with what this frame's forehead gave."""
    if reading.usable:
        return replace(track, usable=(*track.usable, reading)[-KEPT_READINGS:])
    return replace(track, obstacles=track.obstacles + Counter([str(reading.why_not)]))


def _distance_widths(track: Track, box: Box) -> float | None:
    width_px = max(track.box.width_px, box.width_px)
    ratio = min(track.box.width_px, box.width_px) / width_px
    # Who was not seen for a while may have gone further.
    reach = FARTHEST_WIDTHS * (1.0 + track.unseen_s)
    distance = _way_px(track.box, box) / width_px
    return distance if distance <= reach and ratio >= LEAST_SIZE_RATIO else None


def _way_px(before: Box, now: Box) -> float:
    (x0, y0), (x1, y1) = before.centre, now.centre
    return float(((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5)
