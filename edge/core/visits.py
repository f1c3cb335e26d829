"""What was measured + who it is -> one verdict for each visit.

A visit begins when somebody stands in the zone. Its verdict falls when both are known, the measurement and the badge,
and nobody else stands there to slip in beside them; a fever's at once; at the latest when they leave. After a verdict
on who somebody is, another badge begins another visit of the same person. A badge that finds nobody is a visit too.

Where nobody is asked who they are, the measurement alone decides.
"""

import math
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Literal

from edge.core import identity
from edge.core.contents import Identified, Measurement, Passage
from edge.core.deciding import Measured
from edge.core.decision import Decision, EntryPolicy, LocalTime, Who, decide, is_alarming
from edge.core.faces import stands_in_zone
from edge.core.identity import Scan, Standing
from edge.core.roster import EntryWindow, Person
from edge.core.tracks import Track

# Who leaves so soon after somebody else stood beside them was kept waiting by that.
CROWDED_S = 2.0
# A badge that is on its way to somebody with a fever is waited for so long, so that the verdict carries a name.
FEVER_WAITS_S = 1.0
# Of two who come up together one may hide the other at first. Whose badge it was is not known when the second appears
# so soon after the first was given it.
DOUBTFUL_S = 1.0
# Of the two one may hardly be seen at first: in the first DOUBTFUL_S of somebody, what may be a face beside them keeps
# badge and verdict waiting, until HARDLY_SEEN_S after it was last seen. Afterwards it is taken for a thing.
HARDLY_SEEN_S = 0.35
# Stands for whoever is hardly seen; no track has this number.
SOMEBODY = Standing(-1, True, "waiting", glimpse=True)

Ask = Literal["present_badge", "one_at_a_time"]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a verdict rests on beside the visit itself.

    asked: whether people are asked who they are; lookup: badge -> person; inside, held: person_ids who are in, and
    whom an open case keeps out; when: None while the clock is not known; crowd_c: the crowd's baseline or None;
    busy: the gate could not let anybody in now, so that no verdict but a fever's falls; hardly_seen: in the zone there
    is something that may be the face of somebody whom nobody follows.
    """

    policy: EntryPolicy
    asked: bool = False
    lookup: Callable[[str], Person | None] = lambda badge: None
    when: LocalTime | None = None
    inside: Set[str] = frozenset()
    held: Set[str] = frozenset()
    windows: Mapping[str, EntryWindow] = field(default_factory=dict)
    roster_version: int | None = None
    roster_old: bool = False
    crowd_c: float | None = None
    min_face_width_px: float = 20.0
    busy: bool = False
    hardly_seen: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """One person in the zone, under the number of their track.

    came_s: when they were known to stand there; paired_at_s: since when `scan` is taken for theirs; crowded_at_s: when
    last somebody stood beside them; fever_at_s: when a fever was first measured.
    """

    track: int
    measurement: Measurement | None = None
    scan: Scan | None = None
    person: Person | None = None
    paired_at_s: float = 0.0
    crowded_at_s: float | None = None
    fever_at_s: float | None = None
    decision: Decision | None = None
    came_s: float = -math.inf

    @property
    def may_retry(self) -> bool:
        """Another badge is of use: it was who they are that stopped them, or a fever that nobody has a name for."""
        if self.decision is None or self.decision.verdict == "pass":
            return False
        return self.decision.verdict == "refused" or (self.decision.verdict == "fever" and self.person is None)

    @property
    def is_fever(self) -> bool:
        """The picture says so, by itself or beside the recent crowd."""
        return self.fever_at_s is not None


@dataclass(frozen=True, slots=True)
class State:
    """Visits of everybody who stands there, and badges that wait for somebody.

    hardly_seen_s: when last something in the zone may have been somebody else's face; company_s: since when somebody
    else is there without a break, seen surely, for a moment or hardly; None: nobody is.
    """

    badges: identity.State
    visits: tuple[Visit, ...] = ()
    hardly_seen_s: float = -math.inf
    company_s: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict: whose track (None: a badge that found nobody), what is written down, the person if known."""

    track: int | None
    passage: Passage
    person: Person | None


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody with a fever has presented their badge after the verdict."""

    track: int
    person: Person


@dataclass(frozen=True, slots=True)
class Outputs:
    """outcomes: verdicts that fell now, fevers first; named: see there; ask: what those who stand there should do.

    alarm: tracks with a fever that wait for their verdict: the alarm does not.
    too_soon: badges that were presented while another one still waited for its face.
    """

    outcomes: tuple[Outcome, ...] = ()
    named: tuple[Named, ...] = ()
    ask: Ask | None = None
    too_soon: tuple[Scan, ...] = ()
    alarm: tuple[int, ...] = ()


def start(badge_window_s: float) -> State:
    """Nobody there. badge_window_s: how long a badge waits for a face."""
    return State(identity.start(badge_window_s))


def with_window(state: State, badge_window_s: float) -> State:
    """The same people and badges; from now on a badge waits for a face for so long."""
    return replace(state, badges=replace(state.badges, window_s=badge_window_s))


def step(
    state: State,
    around: Surroundings,
    tracks: Sequence[Track],
    measured: Sequence[Measured],
    gone: Sequence[int],
    scans: Sequence[Scan],
    now_s: float,
) -> tuple[State, Outputs]:
    """One moment further: whom the camera follows, who was measured, who has left, which badges were presented."""
    visits = _come_and_measured(state, around, tracks, measured, now_s)
    standing = _standing(visits, tracks, around.min_face_width_px)
    hardly_seen_s = now_s if around.hardly_seen else state.hardly_seen_s
    fresh = any(one.decision is None and now_s - one.came_s <= DOUBTFUL_S for one in visits.values())
    if fresh and now_s - hardly_seen_s <= HARDLY_SEEN_S:
        standing.append(SOMEBODY)
    badges, answers = identity.step(state.badges, now_s, scans if around.asked else (), standing)
    named: list[Named] = []
    taken_back: tuple[Scan, ...] = ()
    for track, scan in answers.paired:
        visits[track] = replace(visits[track], scan=scan, paired_at_s=now_s, person=around.lookup(scan.badge))
    for track, scan in answers.retries:
        visits[track] = _presented_again(visits[track], scan, around, named)
    # Whoever appears beside somebody keeps their verdict waiting from the first glimpse on.
    company = answers.crowd or any(one.glimpse for one in standing)
    company_s = (now_s if state.company_s is None else state.company_s) if company else None
    if answers.crowd and company_s is not None:
        crowded = {one.track for one in standing if one.in_zone and one.state != "passed"}
        visits = {n: replace(v, crowded_at_s=now_s) if n in crowded else v for n, v in visits.items()}
        badges, taken_back = _take_back(badges, visits, company_s)
    outcomes = _verdicts(visits, around, gone, company, badges.waiting is not None, now_s)
    unmatched = [(scan, why) for scan, why in answers.unmatched if why != "badge_too_soon"]
    unmatched += [(scan, "two_at_once") for scan in taken_back]
    outcomes += [_nobody_there(scan, why, around) for scan, why in unmatched]
    outcomes.sort(key=lambda outcome: outcome.passage.verdict != "fever")
    kept = tuple(visit for number, visit in visits.items() if number not in gone)
    too_soon = tuple(scan for scan, why in answers.unmatched if why == "badge_too_soon")
    alarm = tuple(visit.track for visit in kept if visit.decision is None and visit.is_fever)
    ask = _ask(kept, around, answers.crowd)
    return State(badges, kept, hardly_seen_s, company_s), Outputs(tuple(outcomes), tuple(named), ask, too_soon, alarm)


def waiting(state: State) -> frozenset[int]:
    """Tracks on which no verdict has fallen yet."""
    return frozenset(visit.track for visit in state.visits if visit.decision is None)


def _come_and_measured(
    state: State, around: Surroundings, tracks: Sequence[Track], measured: Sequence[Measured], now_s: float
) -> dict[int, Visit]:
    visits = {visit.track: visit for visit in state.visits}
    for track in tracks:
        if track.stood_in_zone and track.number not in visits:
            visits[track.number] = Visit(track.number, came_s=now_s)
        elif track.screening is None and track.number in visits and _may_be_measured_anew(visits[track.number]):
            # Lost for a moment: what was measured may have been somebody else.
            visits[track.number] = replace(visits[track.number], measurement=None)
    for one in measured:
        visit = visits.get(one.track, Visit(one.track, came_s=now_s))
        if _may_be_measured_anew(visit):
            fever = is_alarming(one.measurement, around.crowd_c, around.policy)
            visit = replace(visit, measurement=one.measurement, fever_at_s=now_s if fever else None)
        visits[one.track] = visit
    return visits


def _may_be_measured_anew(visit: Visit) -> bool:
    # Whoever was feverish when they looked away was feverish, whatever is read next.
    return visit.decision is None and not visit.is_fever


def _standing(visits: Mapping[int, Visit], tracks: Sequence[Track], min_face_width_px: float) -> list[Standing]:
    standing = []
    for track in tracks:
        visit = visits.get(track.number)
        if visit is None:
            # Seen for the first or second time: a person, or nobody; the next frames tell.
            if track.unseen_s == 0.0 and stands_in_zone(track.box, min_face_width_px):
                standing.append(Standing(track.number, True, "waiting", glimpse=True))
            continue
        decision = visit.decision
        standing.append(
            Standing(
                track.number,
                # Whoever is hidden for a moment still stands there, until the tracker gives them up.
                stands_in_zone(track.box, min_face_width_px),
                "waiting" if decision is None else "passed" if decision.verdict == "pass" else "stopped",
                visit.may_retry,
            )
        )
    return standing


def _presented_again(visit: Visit, scan: Scan, around: Surroundings, named: list[Named]) -> Visit:
    person = around.lookup(scan.badge)
    if visit.decision is not None and visit.decision.verdict == "fever":
        if person is not None:
            named.append(Named(visit.track, person))
        return replace(visit, person=person)
    return replace(visit, scan=scan, person=person, decision=None)


def _verdicts(
    visits: dict[int, Visit], around: Surroundings, gone: Sequence[int], crowd: bool, badge_waits: bool, now_s: float
) -> list[Outcome]:
    outcomes = []
    for number, visit in visits.items():
        if visit.decision is not None:
            continue
        waits = badge_waits and visit.fever_at_s is not None and now_s - visit.fever_at_s < FEVER_WAITS_S
        if number in gone or _is_ripe(visit, around, crowd, waits):
            visits[number], outcome = _verdict(visit, around, now_s, number in gone)
            outcomes.append(outcome)
    return outcomes


def _is_ripe(visit: Visit, around: Surroundings, crowd: bool, badge_waits: bool) -> bool:
    if visit.measurement is None:
        return False
    if not around.asked:
        return True
    if visit.is_fever:
        return visit.scan is not None or not badge_waits
    return visit.scan is not None and not crowd and not around.busy


def _verdict(visit: Visit, around: Surroundings, now_s: float, leaves: bool) -> tuple[Visit, Outcome]:
    crowded = visit.crowded_at_s is not None and now_s - visit.crowded_at_s <= CROWDED_S
    if visit.scan is not None and visit.measurement is not None and visit.measurement.finding == "pass":
        # Only others kept this verdict waiting; whoever has gone, or is seen no more, is not let in by it.
        crowded = True
    obstacle = "two_at_once" if around.asked and leaves and crowded else None
    return _decided(visit, around, obstacle)


def _take_back(
    badges: identity.State, visits: dict[int, Visit], company_s: float
) -> tuple[identity.State, tuple[Scan, ...]]:
    """Badges that were given to somebody just before somebody else appeared, or may have, at company_s: whose they were
    is not known."""
    scans = []
    for number, visit in visits.items():
        fresh = company_s - visit.paired_at_s <= DOUBTFUL_S
        if visit.decision is None and visit.scan is not None and not visit.is_fever and fresh:
            scans.append(visit.scan)
            visits[number] = replace(visit, scan=None, person=None)
            badges = identity.take_back(badges, number)
    return badges, tuple(scans)


def _nobody_there(scan: Scan, why: str, around: Surroundings) -> Outcome:
    visit = Visit(-1, scan=scan, person=around.lookup(scan.badge))
    _, outcome = _decided(visit, around, why)
    return replace(outcome, track=None)


def _decided(visit: Visit, around: Surroundings, obstacle: str | None) -> tuple[Visit, Outcome]:
    person = visit.person
    identified: Identified = (
        "not_asked"
        if not around.asked
        else "no_badge"
        if visit.scan is None
        else "unknown"
        if person is None
        else "known"
    )
    who = Who(
        identified,
        person,
        inside=person is not None and person.person_id in around.inside,
        open_case=person is not None and person.person_id in around.held,
    )
    decision = decide(
        who,
        visit.measurement,
        around.when,
        around.policy,
        crowd_c=around.crowd_c,
        roster_old=around.asked and around.roster_old,
        windows=around.windows,
        obstacle=obstacle,
    )
    passage = Passage(
        measurement=visit.measurement,
        identified=identified,
        person_id=None if person is None else person.person_id,
        means=None if visit.scan is None else visit.scan.means,
        roster_version=around.roster_version if around.asked else None,
        crowd_c=around.crowd_c,
        verdict=decision.verdict,
        reasons=decision.reasons,
    )
    return replace(visit, decision=decision), Outcome(visit.track, passage, person)


def _ask(visits: Sequence[Visit], around: Surroundings, crowd: bool) -> Ask | None:
    if not around.asked:
        return None
    if crowd:
        return "one_at_a_time"
    without = any(visit.decision is None and visit.scan is None for visit in visits)
    return "present_badge" if without else None
