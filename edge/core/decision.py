"""Who it is + what was measured + the time + the site's policy -> one verdict, and every reason for it.

    each part tells the reasons that speak against letting them in      (table: edge/core/entry_policy.py)
    those that the site has switched off fall away
    none is left            pass, ok
    otherwise               the verdict of the gravest reason; all are told, the gravest first

Nobody passes without a measurement that says so: no policy switches off what the camera saw or could not see.
The table of all combinations is docs/decision-table.md.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import isfinite
from types import MappingProxyType

from edge.core.contents import Identified, Measurement, Verdict
from edge.core.entry_policy import EntryPolicy, gravity, reason_of
from edge.core.roster import UNTIL_RELEASED, EntryWindow, Person

__all__ = ["Decision", "EntryPolicy", "LocalTime", "Who", "decide", "is_alarming", "may_override"]

# What can keep badge and face from belonging together (edge/core/identity.py).
OBSTACLES = ("two_at_once", "badge_too_soon", "no_face")


@dataclass(frozen=True, slots=True)
class Who:
    """Whose badge it was. person: None unless `known`; inside: came in and has not left;
    open_case: an open case at this gate keeps them under observation."""

    identified: Identified
    person: Person | None = None
    inside: bool = False
    open_case: bool = False


@dataclass(frozen=True, slots=True)
class LocalTime:
    """The site's own time: date (ISO) and minute of the day (0 to 1439)."""

    date: str
    minute: int


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict and its reason codes, the gravest first; ("ok",) for a pass.

    notes: codes that are told beside it and speak against nobody (the list is old, the clock is unknown).
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()


def decide(
    who: Who,
    measurement: Measurement | None,
    when: LocalTime | None,
    policy: EntryPolicy,
    *,
    crowd_c: float | None = None,
    roster_old: bool = False,
    windows: Mapping[str, EntryWindow] = MappingProxyType({}),
    obstacle: str | None = None,
) -> Decision:
    """The verdict on one visit.

    measurement: None when nobody stood there; when: None while the clock is not known; crowd_c: the recent crowd's
    baseline in C, None while there is none; windows: class_id -> when it may enter; obstacle: one of OBSTACLES.
    """
    against = set(_measured(measurement, crowd_c, policy, obstacle))
    notes: set[str] = set()
    if who.open_case:
        against.add("under_observation")
    if who.identified != "not_asked":
        against |= _identity(who)
        if who.identified == "known" and who.person is not None:
            against |= _roster(who.person) | _time(who.person, when, windows)
            if when is None and who.person.class_id in windows:
                notes.add("clock_unknown")
        if roster_old:
            (notes if policy.rule("roster_old") == "off" else against).add("roster_old")
    reasons = tuple(sorted((code for code in against if policy.rule(code) != "off"), key=gravity))
    told = tuple(sorted(notes.difference(reasons), key=gravity))
    if not reasons:
        return Decision("pass", ("ok",), told)
    return Decision(reason_of(reasons[0]).verdict, reasons, told)


def is_alarming(measurement: Measurement, crowd_c: float | None, policy: EntryPolicy) -> bool:
    """Whether what was measured is a fever, by itself or beside the recent crowd: the alarm waits for no badge."""
    return any(reason_of(code).verdict == "fever" for code in _measured(measurement, crowd_c, policy, None))


def may_override(reasons: Collection[str], policy: EntryPolicy, contact_normal: bool) -> bool:
    """Whether a guard who has signed in may let somebody in whom these reasons have stopped.

    contact_normal: the contact thermometer read below its threshold in the case of this very passage.
    """
    return bool(reasons) and "ok" not in reasons and all(_liftable(code, policy, contact_normal) for code in reasons)


def _liftable(code: str, policy: EntryPolicy, contact_normal: bool) -> bool:
    return policy.rule(code) != "hard" or (contact_normal and reason_of(code).measured)


def _measured(
    measurement: Measurement | None, crowd_c: float | None, policy: EntryPolicy, obstacle: str | None
) -> set[str]:
    against = set()
    if obstacle is not None:
        # No other code, which a policy might switch off.
        against.add(obstacle if obstacle in OBSTACLES else "no_face")
    if measurement is None:
        return against or {"no_face"}
    forehead_c = measurement.forehead_c
    if measurement.finding == "not_measured":
        own = measurement.reason != "ok" and reason_of(measurement.reason).verdict == "not_measured"
        return against | {measurement.reason if own else "obscured"}
    if forehead_c is None or not isfinite(forehead_c):
        # A finding without its number is none: nobody saw the forehead.
        return against | {"obscured"}
    if measurement.finding == "fever":
        against.add(measurement.reason if reason_of(measurement.reason).verdict == "fever" else "fever_forehead")
    elif not forehead_c < measurement.threshold_c:  # of the forehead, as long as the finding is no fever
        against.add("fever_forehead")
    if crowd_c is not None and forehead_c - crowd_c > policy.crowd_delta_k:
        against.add("above_crowd")
    return against


def _identity(who: Who) -> set[str]:
    if who.identified == "no_badge":
        return {"no_badge"}
    if who.identified != "known" or who.person is None:
        return {"outsider"}
    return {"already_in"} if who.inside else set()


def _roster(person: Person) -> set[str]:
    against = set()
    if not person.approved:
        against.add("not_approved")
    if not person.health_record:
        against.add("no_health_record")
    return against


def _time(person: Person, when: LocalTime | None, windows: Mapping[str, EntryWindow]) -> set[str]:
    dated = person.valid_from is not None or person.valid_until is not None
    against = set()
    # A visitor without any date has no pass at all.
    if person.role == "visitor" and person.valid_until is None:
        against.add("pass_expired")
    if when is None:
        return against | _without_clock(person, dated)
    if person.observation_until is not None and when.date <= person.observation_until:
        against.add("under_observation")
    if dated and not (person.valid_from or "") <= when.date <= (person.valid_until or UNTIL_RELEASED):
        against.add("pass_expired")
    window = None if person.class_id is None else windows.get(person.class_id)
    if window is not None and when.minute < window.earliest_min:
        against.add("too_early")
    if window is not None and when.minute > window.latest_min:
        against.add("too_late")
    return against


def _without_clock(person: Person, dated: bool) -> set[str]:
    # The worse of what the date could be: still under observation; a pass that the guard has to look at.
    against = set()
    if person.observation_until is not None:
        against.add("under_observation")
    if dated or person.observation_until not in (None, UNTIL_RELEASED):
        against.add("clock_unknown")
    return against
