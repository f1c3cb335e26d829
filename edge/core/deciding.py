"""Tracks -> people decided about, and people who have gone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from edge.core import screening, tracks
from edge.core.contents import Measurement
from edge.core.policy import Policy
from edge.core.reference import Reference
from edge.core.tracks import Track

# A passed track whose forehead turns out so much warmer, and feverish, is another person, or one who was read wrongly.
ANOTHER_PERSON_K = 0.3


@dataclass(frozen=True, slots=True)
class Measured:
    """A track and what the picture says of it."""

    track: int
    measurement: Measurement


@dataclass(frozen=True, slots=True)
class Decisions:
    """kept: tracks that are followed further; decided: who was measured now, or given up; ended: everybody who has
    left, measured or not; next_track: the number of the next new track."""

    kept: tuple[Track, ...]
    next_track: int
    decided: tuple[Measured, ...] = ()
    ended: tuple[Measured, ...] = ()


def decide(followed: Sequence[Track], next_track: int, policy: Policy, reference: Reference) -> Decisions:
    """What the readings up to now allow; who was not surely seen for too long has left."""
    kept: list[Track] = []
    decided: list[Measured] = []
    gone: list[Track] = []
    for old in followed:
        track = old
        if _is_fever_after_all(track, policy):
            if track.settled:
                gone.append(track)
                track = tracks.anew(track, next_track)
                next_track += 1
            else:
                track = replace(track, screening=None)
        if track.screening is None and track.stood_in_zone:
            found = screening.screen(track.usable, policy)
            if found is not None:
                track = replace(track, screening=found)
                decided.append(_measured(track, policy, reference))
        if track.unsure_s <= policy.lost_after_s:
            kept.append(track)
        elif track.stood_in_zone:
            gone.append(track)
    given_up, ended = leave(gone, "left_early", policy, reference)
    return Decisions(tuple(kept), next_track, (*decided, *given_up), ended)


def leave(
    gone: Sequence[Track], reason: str, policy: Policy, reference: Reference
) -> tuple[tuple[Measured, ...], tuple[Measured, ...]]:
    """(who of those is given up undecided, all of them). reason: theirs unless something was in the way before."""
    given_up: list[Measured] = []
    ended: list[Measured] = []
    for old in gone:
        track, undecided = old, old.screening is None
        if undecided:
            verdict = screening.screen_on_leaving(track.usable, track.obstacles, policy)
            if verdict.reason == "left_early":
                verdict = replace(verdict, reason=reason)
            track = replace(track, screening=verdict)
        person = _measured(track, policy, reference)
        ended.append(person)
        if undecided:
            given_up.append(person)
    return tuple(given_up), tuple(ended)


def _is_fever_after_all(track: Track, policy: Policy) -> bool:
    if track.screening is None or track.screening.finding != "pass":
        return False
    now = screening.screen(track.usable, policy)
    if now is None or now.finding != "fever":
        return False
    passed_c = screening.median_c(track.screening.readings)
    return all(r.temp_c is not None and r.temp_c > passed_c + ANOTHER_PERSON_K for r in now.readings)


def _measured(track: Track, policy: Policy, reference: Reference) -> Measured:
    assert track.screening is not None
    made = track.screening
    return Measured(
        track.number,
        Measurement(
            t_first_s=track.t_first_s,
            t_last_s=track.t_last_s,
            frames=track.frames,
            forehead_c=screening.median_c(made.readings) if made.readings else None,
            face_max_c=screening.face_max_c(made.readings),
            u_c=screening.u_c(made.readings) if made.readings else None,
            forehead_raw_c=median([r.raw_c for r in made.readings if r.raw_c is not None]) if made.readings else None,
            reference_raw_c=reference.measured_c if made.readings else None,
            reference_c=reference.true_c if made.readings else None,
            threshold_c=(policy.fever_face_max_c if made.reason == "fever_face_max" else policy.fever_forehead_c),
            finding=made.finding,
            reason=made.reason,
        ),
    )
