"""Faces of successive frames -> one person.

A face continues the track that it is nearest to where that one was going, in units of the face's own width; nearest
pairs first. Who has a verdict takes the nearest face, surely one or hardly: they walk off hardly seen just when the
next one comes up. Who has none is sought among the sure faces first.

Two errors are possible. One person taken for two is measured twice; two taken for one lets the second in unmeasured.
So a settled track, one whose verdict has fallen, is continued only by a face that can hardly be anybody else's. Who was
measured and still waits for a verdict may be lost for a moment, and is then measured again.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from edge.core.forehead import ForeheadReading
from edge.core.geometry import Box
from edge.core.screening import Screening

# Between two frames a face that walks or leaves strays by a third of its width from where it was going, and grows by a
# fifth at the most; somebody behind it who comes into view is smaller by more.
FARTHEST_WIDTHS = 0.6
LEAST_SIZE_RATIO = 0.72
# Out of sight for longer (three frames), who comes back may be another: what was read is not theirs.
UNSURE_UNSEEN_S = 0.35
# With a verdict, whoever was out of sight for more than one frame may already be the next in line, in the same place;
# so may a face that is surely one after more than one frame in which it hardly was.
SETTLED_UNSEEN_S = 0.15
# For so long a likely face is believed of who surely was one before: as long as a turn takes.
LONGEST_LIKELY_S = 0.5
# However long somebody was out of sight, this far (in seconds of reach) they may have strayed.
LONGEST_REACH_S = 1.0
# A box that covers so much of the last one is the same face, whatever its size did.
SAME_PLACE_IOU = 0.5
# Never predicted further than this: a face does not fly.
FARTHEST_PREDICTED_WIDTHS = 1.0
VELOCITY_SHARE = 0.5
# While no frames come (shutter), nobody can be seen and nobody is taken to have left.
LONGEST_STEP_S = 0.25
# A face in the zone for fewer frames is a glimpse, not a person who stood there.
PERSON_FRAMES = 3
# What lies on a forehead does not come for one frame or go for one: a single colder frame is the detector's, which put
# the forehead's edge elsewhere. Under so many covered frames in a row the ones before lay under the same, only less so.
COVERED, COVERED_FRAMES = ("hat", "wet_or_cold"), 2
# Readings before the last ones decide nothing any more; keeping a few bounds the memory.
KEPT_READINGS = 32


@dataclass(frozen=True, slots=True)
class Face:
    """A face of one frame: its box, whether it surely is one (faces.SURE_SCORE), and whether it is one if somebody
    surely was there just before (faces.KNOWN_SCORE)."""

    box: Box
    sure: bool = True
    likely: bool = True


@dataclass(frozen=True, slots=True)
class Track:
    """One person as long as the gate sees them. Times in seconds on the frames' clock.

    zone_frames: frames in which the face was surely one and wide enough to stand in the zone; speed_widths_per_s: since
    the frame before; unseen_s: delivered time since the face was last seen at all, unsure_s: since it was believed to
    be one (`believes`), likely_s: since it surely was one;
    velocity: px/s, right and down; covered_frames: since the forehead was last read, those in which something lay on
    it; settled: a verdict has fallen on them.
    """

    number: int
    box: Box
    t_first_s: float
    t_last_s: float
    frames: int = 1
    zone_frames: int = 0
    unseen_s: float = 0.0
    unsure_s: float = 0.0
    likely_s: float = 0.0
    speed_widths_per_s: float = 0.0
    velocity: tuple[float, float] = (0.0, 0.0)
    usable: tuple[ForeheadReading, ...] = ()
    covered_frames: int = 0
    obstacles: Counter[str] = field(default_factory=Counter)
    screening: Screening | None = None
    settled: bool = False

    @property
    def stood_in_zone(self) -> bool:
        return self.zone_frames >= PERSON_FRAMES


def associate(tracks: Sequence[Track], faces: Sequence[Face], step_s: float) -> list[int | None]:
    """For each face the position of the track that it continues step_s on, or None for nobody known. No track twice."""
    pairs = sorted(
        (not believes(track, face, step_s) and not track.settled, distance, b, t)
        for b, face in enumerate(faces)
        for t, track in enumerate(tracks)
        if (distance := _distance_widths(track, face, step_s)) is not None
    )
    chosen: list[int | None] = [None] * len(faces)
    taken: set[int] = set()
    for *_, b, t in pairs:
        if chosen[b] is None and t not in taken:
            chosen[b] = t
            taken.add(t)
    return chosen


def believes(track: Track, face: Face, step_s: float) -> bool:
    """Whether this person's face, step_s on, is taken for one: surely, or likely of who stood there and surely was one.

    Two thresholds (a hysteresis), and bounded: whoever comes into view in the same place is not them for ever.
    """
    if face.sure:
        return True
    known = track.stood_in_zone and track.unsure_s == 0.0
    return face.likely and known and track.likely_s + min(step_s, LONGEST_STEP_S) <= LONGEST_LIKELY_S


def seen(track: Track, face: Face, t_s: float, step_s: float, in_zone: bool) -> Track:
    """The track, one frame on, with its face there; step_s: time since the frame before."""
    box, passed_s = face.box, max(t_s - track.t_last_s, 1e-3)
    if track.unsure_s > UNSURE_UNSEEN_S and not track.settled:
        # After a while out of sight it may be somebody else: what was read before says nothing of who is here now.
        track = unread(track)
    sure, delivered_s = believes(track, face, step_s), min(step_s, LONGEST_STEP_S)
    (x0, y0), (x1, y1) = track.box.centre, box.centre
    way = x1 - x0, y1 - y0
    keep, share = 1.0 - VELOCITY_SHARE, VELOCITY_SHARE / passed_s
    return replace(
        track,
        box=box,
        t_last_s=t_s,
        frames=track.frames + 1,
        zone_frames=track.zone_frames + (in_zone and sure),
        unseen_s=0.0,
        unsure_s=0.0 if sure else track.unsure_s + delivered_s,
        likely_s=0.0 if face.sure else track.likely_s + delivered_s,
        speed_widths_per_s=math.hypot(*way) / box.width_px / passed_s,
        velocity=(keep * track.velocity[0] + share * way[0], keep * track.velocity[1] + share * way[1]),
    )


def anew(track: Track, number: int) -> Track:
    """Another person in this one's place: nothing said of them yet, but what was read last is theirs."""
    return replace(track, number=number, t_first_s=track.t_last_s, frames=1, screening=None, settled=False)


def unread(track: Track) -> Track:
    """The same person, to be measured anew."""
    return replace(track, usable=(), screening=None)


def missed(track: Track, step_s: float) -> Track:
    """The track after a frame without its face; step_s: time since the frame before."""
    delivered_s = min(step_s, LONGEST_STEP_S)
    return replace(
        track,
        unseen_s=track.unseen_s + delivered_s,
        unsure_s=track.unsure_s + delivered_s,
        likely_s=track.likely_s + delivered_s,
    )


def with_settled(track: Track, has_verdict: bool) -> Track:
    """The track, settled if it is measured and its verdict has fallen."""
    settled = track.screening is not None and has_verdict
    return track if track.settled == settled else replace(track, settled=settled)


def with_reading(track: Track, reading: ForeheadReading, step_s: float) -> Track:
    """The track with what this frame's forehead gave; step_s: time since the frame before."""
    if reading.usable:
        # Where they were before their first frame, and how fast they came from there, nobody knows.
        stood_s = 0.0 if track.frames == 1 else min(step_s, LONGEST_STEP_S)
        timed = replace(reading, t_s=track.t_last_s, stands_for_s=stood_s)
        return replace(track, usable=(*track.usable, timed)[-KEPT_READINGS:], covered_frames=0)
    if reading.why_not in COVERED:
        covered = track.covered_frames + 1
        # A hat's brim leaves no doubt.
        kept = track.usable if covered < COVERED_FRAMES and reading.why_not != "hat" else ()
        track = replace(track, usable=kept, covered_frames=covered)
    return replace(track, obstacles=track.obstacles + Counter([str(reading.why_not)]))


def _distance_widths(track: Track, face: Face, step_s: float) -> float | None:
    """How far the face is from where the track was going, in face widths; None when it is somebody else's."""
    box = face.box
    width_px = max(track.box.width_px, box.width_px)
    ratio = min(track.box.width_px, box.width_px) / width_px
    if ratio < LEAST_SIZE_RATIO and track.box.iou(box) < SAME_PLACE_IOU:
        return None
    if track.settled and (track.unsure_s if face.sure else track.unseen_s) > SETTLED_UNSEEN_S:
        return None
    places = [_predicted(track, step_s)]
    reach = FARTHEST_WIDTHS
    if not track.settled:
        # Undecided, they may have gone further than expected, or stopped where they were.
        reach *= 1.0 + min(track.unseen_s, LONGEST_REACH_S)
        places.append(track.box.centre)
    distance = min(math.hypot(box.centre[0] - x, box.centre[1] - y) for x, y in places) / width_px
    return distance if distance <= reach else None


def _predicted(track: Track, step_s: float) -> tuple[float, float]:
    after_s = track.unseen_s + min(step_s, LONGEST_STEP_S)
    way_x, way_y = track.velocity[0] * after_s, track.velocity[1] * after_s
    limit_px = FARTHEST_PREDICTED_WIDTHS * track.box.width_px
    shrink = min(1.0, limit_px / max(math.hypot(way_x, way_y), 1e-9))
    x, y = track.box.centre
    return x + shrink * way_x, y + shrink * way_y
