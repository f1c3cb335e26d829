"""Badge scans and people in the zone -> which badge belongs to whom.

The gate does not see who holds a badge to the reader. It takes a badge for the one person who stands there alone, in
either order: the badge waits a little for a face, a face waits for a badge as long as it stands there.

    one person, no badge yet, no verdict      paired       who they are
    one person, who may retry, another badge  retries      a new visit begins
    two whom it could belong to               unmatched    two_at_once: neither gets it, both present theirs again
    nobody within the window                  unmatched    no_face, or two_at_once when others stood in the way
    another badge still waits                 unmatched    badge_too_soon: the first one stays
    the same badge again                      repeats      readers repeat, and impatient people do
    at a reader of the way out                left         nobody in front of the camera is meant

Each badge has exactly one of these outcomes, within the window and one step more. Somebody who has passed is nobody's
obstacle, and alone with their badge they repeat it; somebody who has a badge and waits for their verdict leaves the
next badge to the next person.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Literal

from edge.core.contents import Means

# A reader that repeats while the card lies on it has told one thing.
REPEAT_S = 2.0
# Faces are missed for a frame or two: who stood there so recently still stands there.
MISSED_S = 0.35
# Of two who come up together one is in the zone a little before the other: a badge waits so long for the second.
SETTLED_S = 0.2
# Bounds of the memory, far beyond what people at one gate can do.
KEPT_SCANS = 32
KEPT_TRACKS = 256


@dataclass(frozen=True, slots=True)
class Scan:
    """A badge that was presented: its normalised text, when (monotonic s), by what means, at which reader."""

    badge: str
    t_s: float
    means: Means
    reader: str
    direction: Literal["in", "out"] = "in"


@dataclass(frozen=True, slots=True)
class Standing:
    """One person whom the camera follows, or somebody who may be there (`visits.SOMEBODY`).

    in_zone: stands where faces are measured, and is seen now. state: "waiting" for a verdict, "passed", or
    "stopped" by any other verdict. may_retry: stopped for who they are, so another badge may mend it. glimpse: seen
    for a moment only, so it may be nobody: it gets no badge, and nobody else does beside it.
    """

    track: int
    in_zone: bool
    state: Literal["waiting", "passed", "stopped"]
    may_retry: bool = False
    glimpse: bool = False


@dataclass(frozen=True, slots=True)
class Answers:
    """What one step found out; see the table above. crowd: more than one stands there who has not passed.

    unmatched: with the reason, `no_face`, `two_at_once` or `badge_too_soon`.
    """

    paired: tuple[tuple[int, Scan], ...] = ()
    unmatched: tuple[tuple[Scan, str], ...] = ()
    retries: tuple[tuple[int, Scan], ...] = ()
    crowd: bool = False
    repeats: tuple[Scan, ...] = ()
    left: tuple[Scan, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A scan that waits for its face since since_s. meant: the only track it can belong to, once there was one."""

    scan: Scan
    since_s: float
    meant: int | None = None
    crowded: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """What earlier steps have left behind; bounded.

    taken: recent scans that were no repeats. badges: the last badge of each track that has one, by track number;
    forgotten: every track up to this number counts as having had one. zone_s: when each track was in the zone, first
    and last.
    """

    window_s: float
    waiting: Waiting | None = None
    taken: tuple[Scan, ...] = ()
    badges: tuple[tuple[int, str], ...] = ()
    forgotten: int = -1
    zone_s: tuple[tuple[int, float, float], ...] = ()


def start(window_s: float) -> State:
    """Before anybody came. window_s: how long a badge waits for a face, in seconds (more than 0)."""
    return State(window_s)


def step(state: State, now_s: float, scans: Sequence[Scan], standing: Sequence[Standing]) -> tuple[State, Answers]:
    """One look at the zone. scans: those since the last step; standing: everybody who is followed now.

    now_s never decreases and is on the clock of the scans' t_s; a track's number is never given to somebody else. Who
    is no longer in `standing` has gone.
    """
    state, there, passed = _watch(state, now_s, standing)
    answers = Answers(crowd=sum(not one.glimpse for one in there) > 1)
    if state.waiting is not None:
        state, answers = _place(replace(state, waiting=None), answers, state.waiting, now_s, there)
    for scan in sorted(scans, key=lambda one: one.t_s):
        if _is_repeat(state, scan, there, passed):
            answers = replace(answers, repeats=(*answers.repeats, scan))
            continue
        state = replace(state, taken=(*state.taken, scan)[-KEPT_SCANS:])
        if scan.direction == "out":
            answers = replace(answers, left=(*answers.left, scan))
        else:
            state, answers = _place(state, answers, Waiting(scan, min(scan.t_s, now_s)), now_s, there)
    return state, answers


def take_back(state: State, track: int) -> State:
    """As if this track had been given no badge: it may have been somebody else's."""
    return replace(state, badges=tuple(entry for entry in state.badges if entry[0] != track))


def _watch(
    state: State, now_s: float, standing: Sequence[Standing]
) -> tuple[State, tuple[Standing, ...], tuple[Standing, ...]]:
    """Who stands there or did a moment ago: those who have not passed, and those who have."""
    zone_s = {track: (first_s, last_s) for track, first_s, last_s in state.zone_s}
    seen_s = {one.track: (_since_s(one, zone_s.get(one.track), now_s), now_s) for one in standing if one.in_zone}
    missed_s = {one.track: zone_s[one.track] for one in standing if not one.in_zone and one.track in zone_s}
    recent_s = {track: times for track, times in (seen_s | missed_s).items() if now_s - times[1] <= MISSED_S}
    recent = [one for one in standing if one.track in recent_s]
    there = tuple(one for one in recent if one.state != "passed")
    passed = tuple(one for one in recent if one.state == "passed")
    kept = sorted(((track, *times) for track, times in recent_s.items()), key=lambda entry: entry[2])
    return replace(state, zone_s=tuple(kept[-KEPT_TRACKS:])), there, passed


def _since_s(one: Standing, before: tuple[float, float] | None, now_s: float) -> float:
    """Since when somebody stands in the zone; infinite while it may be nobody."""
    if one.glimpse:
        return inf
    return now_s if before is None or before[0] == inf else before[0]


def _place(
    state: State, answers: Answers, waiting: Waiting, now_s: float, there: Sequence[Standing]
) -> tuple[State, Answers]:
    """Give a scan to whom it belongs to, or let it wait, or say why not."""
    scan = waiting.scan
    mine = _takers(state, there)
    could_be = mine if waiting.meant is None else mine | {waiting.meant}
    crowded = waiting.crowded or answers.crowd
    if len(could_be) > 1:
        return state, _unmatched(answers, scan, "two_at_once")
    if now_s - waiting.since_s > state.window_s:
        return state, _unmatched(answers, scan, "two_at_once" if crowded else "no_face")
    if mine and len(there) == 1 and _may_get(there[0]) and _settled(state, there[0], now_s):
        return _give(state, answers, scan, there[0])
    if state.waiting is not None:
        return state, _unmatched(answers, scan, "badge_too_soon")
    meant = next(iter(could_be), None)
    return replace(state, waiting=replace(waiting, meant=meant, crowded=crowded)), answers


def _give(state: State, answers: Answers, scan: Scan, one: Standing) -> tuple[State, Answers]:
    new = one.track, scan
    state = _with_badge(state, one.track, scan.badge)
    if one.state == "waiting":
        return state, replace(answers, paired=(*answers.paired, new))
    return state, replace(answers, retries=(*answers.retries, new))


def _is_repeat(state: State, scan: Scan, there: Sequence[Standing], passed: Sequence[Standing]) -> bool:
    same = [old for old in state.taken if (old.badge, old.direction) == (scan.badge, scan.direction)]
    if any(abs(scan.t_s - old.t_s) <= REPEAT_S for old in same):
        return True
    if scan.direction == "out":
        return False
    if state.waiting is not None and state.waiting.scan.badge == scan.badge:
        return True
    # Whoever still stands there with this badge is impatient; the next person's it is not.
    badges = dict(state.badges)
    if any(badges.get(one.track) == scan.badge for one in there):
        return True
    # With somebody behind them who could use it, it may have been passed back: that is for the verdict to tell.
    return not _takers(state, there) and any(badges.get(one.track) == scan.badge for one in passed)


def _takers(state: State, there: Sequence[Standing]) -> set[int]:
    """The tracks of those who could use a badge."""
    return {one.track for one in there if not one.glimpse and (not _has_badge(state, one.track) or _may_retry(one))}


def _settled(state: State, one: Standing, now_s: float) -> bool:
    return one.in_zone and any(one.track == t and now_s - first_s >= SETTLED_S for t, first_s, _ in state.zone_s)


def _may_get(one: Standing) -> bool:
    return one.state == "waiting" or _may_retry(one)


def _may_retry(one: Standing) -> bool:
    return one.state == "stopped" and one.may_retry


def _has_badge(state: State, track: int) -> bool:
    return track <= state.forgotten or any(track == number for number, _ in state.badges)


def _with_badge(state: State, track: int, badge: str) -> State:
    badges = tuple(sorted((dict(state.badges) | {track: badge}).items()))
    surplus = badges[: max(0, len(badges) - KEPT_TRACKS)]
    forgotten = max([state.forgotten, *(number for number, _ in surplus)])
    return replace(state, badges=badges[len(surplus) :], forgotten=forgotten)


def _unmatched(answers: Answers, scan: Scan, reason: str) -> Answers:
    return replace(answers, unmatched=(*answers.unmatched, (scan, reason)))
