"""Readings of one person + policy -> what the picture alone says of them.

    enough usable readings, forehead >= its alarm       fever          fever_forehead
    the same, the face's warmest spot >= its own        fever          fever_face_max
    the same, believable and clear of the alarms        pass           ok
    the same, the forehead's alarm within its 95 %      looked at for longer, and then one of the above; a pass that
    interval                                            stays so near says near_alarm
    gone before that                                    not_measured   near_alarm
    gone, and the median was too cold                   not_measured   too_cold
    gone, without enough usable readings                not_measured   what was in the way most often, or left_early

Nobody who was not measured ever passes. The numbers compared are medians of the readings; which alarms are best was
found out on people with known oral temperatures (tools/bench_thresholds.py).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from edge.core.contents import Finding
from edge.core.forehead import ForeheadReading
from edge.core.policy import Policy

# A camera slower than that, or one that loses frames, is asked for fewer readings: those of the same time, but at least
# two. Its noise stays the same for as long (three quarters of it from one frame of a Lepton to the next).
FRAMES_PER_S = 10.0
LEAST_READINGS = 2
# Half the width of a 95 % interval in standard uncertainties (GUM).
COVERAGE = 1.96
# Near an alarm, readings over so long decide: twice as many at a Lepton's nine a second, and another breath.
NEAR_SPAN_S = 0.65


@dataclass(frozen=True, slots=True)
class Screening:
    """A finding, its reason code, and the readings it stands on (empty: none)."""

    finding: Finding
    reason: str
    readings: tuple[ForeheadReading, ...]


def screen(usable: Sequence[ForeheadReading], policy: Policy) -> Screening | None:
    """The finding that the last readings allow while the person stands there; None: not yet.

    The readings' spread around their median is the sensor's; the median keeps one bad frame from deciding.
    """
    last = _enough(usable, policy)
    if last is None or waits_near_alarm(usable, policy):
        return None
    if _fever(last, policy) is None and _near_alarm(last, policy):
        last = _longer(usable, policy)
    alarm = _fever(last, policy)
    if alarm is not None:
        return Screening("fever", alarm, last)
    if median_c(last) < policy.too_cold_c:
        return None
    return Screening("pass", "near_alarm" if _near_alarm(last, policy) else "ok", last)


def waits_near_alarm(usable: Sequence[ForeheadReading], policy: Policy) -> bool:
    """Whether enough readings say no fever, so near an alarm that they have to be taken for longer."""
    last = _enough(usable, policy)
    if last is None or _fever(last, policy) is not None or not _near_alarm(last, policy):
        return False
    longer = _longer(usable, policy)
    return longer[-1].t_s - longer[0].t_s < NEAR_SPAN_S


def screen_on_leaving(usable: Sequence[ForeheadReading], obstacles: Counter[str], policy: Policy) -> Screening:
    """The finding on somebody who has left undecided: `not_measured`, and why."""
    last = _enough(usable, policy)
    if last is not None:
        return Screening("not_measured", "near_alarm" if _near_alarm(last, policy) else "too_cold", last)
    most = obstacles.most_common(1)
    reason = most[0][0] if most and most[0][1] > len(usable) else "left_early"
    return Screening("not_measured", reason, ())


def median_c(readings: Sequence[ForeheadReading]) -> float:
    """Median forehead temperature in C of readings that have one."""
    return float(median(r.temp_c for r in readings if r.temp_c is not None))


def face_max_c(readings: Sequence[ForeheadReading]) -> float | None:
    """Median of the warmest spot of the face in C; None when no reading has one."""
    maxima = [r.face_max_c for r in readings if r.face_max_c is not None]
    return float(median(maxima)) if maxima else None


def u_c(readings: Sequence[ForeheadReading]) -> float:
    """Standard uncertainty of the median in K: most of it is the same in every reading, so it does not shrink."""
    return float(median(r.u_c for r in readings if r.u_c is not None))


def _enough(usable: Sequence[ForeheadReading], policy: Policy) -> tuple[ForeheadReading, ...] | None:
    """The last readings that a finding may stand on; None: there are too few."""
    needed_s, stood_for_s = policy.usable_frames / FRAMES_PER_S, 0.0
    for count in range(1, min(len(usable), policy.usable_frames) + 1):
        stood_for_s += usable[-count].stands_for_s
        if count == policy.usable_frames or (count >= LEAST_READINGS and stood_for_s >= needed_s):
            return tuple(usable[-count:])
    return None


def _fever(readings: Sequence[ForeheadReading], policy: Policy) -> str | None:
    if median_c(readings) >= policy.fever_forehead_c:
        return "fever_forehead"
    hottest_c = face_max_c(readings)
    return "fever_face_max" if hottest_c is not None and hottest_c >= policy.fever_face_max_c else None


def _near_alarm(readings: Sequence[ForeheadReading], policy: Policy) -> bool:
    return median_c(readings) + COVERAGE * u_c(readings) >= policy.fever_forehead_c


def _longer(usable: Sequence[ForeheadReading], policy: Policy) -> tuple[ForeheadReading, ...]:
    """The last readings that span NEAR_SPAN_S, as far as there are so many; at least those that are enough."""
    since_s = usable[-1].t_s - NEAR_SPAN_S
    first = len(usable) - len(_enough(usable, policy) or usable)
    while first > 0 and usable[first].t_s > since_s:
        first -= 1
    return tuple(usable[first:])
