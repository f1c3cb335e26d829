"""A school for `make morning`: who is on its roster, who comes when with which badge, and what is right for each.

Everybody has a part to play. The shares are those of a hard morning: 1 % fever, 3 % not approved, 5 % without their
badge, some two at a time, and a few of everything else that a gate has an answer for.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Part = Literal[
    "ordinary",
    "fever",
    "not_approved",
    "forgotten",  # no badge, and nobody types it
    "typed",  # no badge; the guard types its number
    "pair",  # two come up together
    "hat",  # and takes it off the second time
    "returns",  # goes out again and comes back
    "lent",  # with somebody else's badge
    "owner",  # of the badge that was lent, later
    "observed",
    "no_record",
    "too_early",
    "too_late",
    "outsider",  # whose badge is on no roster
]

SCHOOL = "晨光小学"
OPENS_MIN = 7 * 60
SLOTS = 6  # classes come one after the other
GRACE_MIN = 1  # beyond their slot
ABSENT_SHARE = 1 / 30
_SHARES: tuple[tuple[Part, float], ...] = (
    ("fever", 0.01),
    ("not_approved", 0.03),
    ("forgotten", 0.035),
    ("typed", 0.015),
    ("hat", 0.007),
    ("returns", 0.003),
    ("observed", 0.003),
    ("no_record", 0.005),
    ("too_early", 0.004),
    ("too_late", 0.004),
    ("outsider", 0.004),
)
PAIRS_SHARE, LENT_SHARE = 0.017, 0.002


@dataclass(frozen=True, slots=True)
class Pupil:
    """One entry of the roster, or an outsider. number: of the simulated person; lane: at which gate, from 0."""

    number: int
    person_id: str
    badge: str
    class_name: str | None
    lane: int
    part: Part

    @property
    def name(self) -> str:
        """As the roster and the guard's screen have it."""
        return f"学生{self.number}"


@dataclass(frozen=True, slots=True)
class Errand:
    """Somebody wants to come in from comes_s on (s after the school opens). beside: who comes up with them.

    badge: what they present, None: nothing; holder: whose badge it is on the roster; typed: by the guard; early: before
    they stand still. again: how often they came before; leaves_first: they are inside, and go out before.
    """

    comes_s: float
    pupil: Pupil
    badge: str | None
    holder: str
    early: bool
    typed: bool = False
    beside: "Errand | None" = None
    again: int = 0
    leaves_first: bool = False


@dataclass(frozen=True, slots=True)
class School:
    """windows: class -> first and last minute of the day. pupils: the roster; outsiders: others who come, too."""

    lanes: int
    minutes: float
    windows: dict[str, tuple[int, int]]
    pupils: tuple[Pupil, ...]
    absent: frozenset[str]
    outsiders: tuple[Pupil, ...]
    errands: tuple[Errand, ...]

    def right(self, pupil: Pupil) -> tuple[str, str]:
        """The final verdict that is right for them, and its gravest reason (fever: any of a fever's)."""
        return _RIGHT.get(pupil.part, ("pass", "ok"))

    def table(self) -> str:
        """The roster as the school's office would hand it in (docs/roster.md)."""
        rows = ["编号,姓名,角色,班级,卡号,返校批准,医学观察至,健康记录"]
        for one in self.pupils:
            approved = "否" if one.part == "not_approved" else "是"
            until = "待解除" if one.part == "observed" else ""
            record = "否" if one.part == "no_record" else "是"
            rows.append(f"{one.person_id},{one.name},学生,{one.class_name},{one.badge},{approved},{until},{record}")
        return "\n".join(rows) + "\n"


_RIGHT: dict[Part, tuple[str, str]] = {
    "fever": ("fever", "fever_forehead"),
    "not_approved": ("refused", "not_approved"),
    "forgotten": ("refused", "no_badge"),
    "owner": ("refused", "already_in"),
    "observed": ("refused", "under_observation"),
    "no_record": ("refused", "no_health_record"),
    "too_early": ("refused", "too_early"),
    "too_late": ("refused", "too_late"),
    "outsider": ("refused", "outsider"),
}


def school(people: int, lanes: int, minutes: float, seed: int) -> School:
    """So many people of the roster come within so many minutes; a few more are absent, a few outsiders come too."""
    rng = random.Random(seed)
    classes = [f"{grade + 1}年级{lane + 1}组" for lane in range(lanes) for grade in range(SLOTS)]
    slot_min = minutes / SLOTS
    windows = {
        name: (
            OPENS_MIN + int((place % SLOTS) * slot_min),
            OPENS_MIN + int((place % SLOTS + 1) * slot_min) + GRACE_MIN,
        )
        for place, name in enumerate(classes)
    }
    on_roster = people + max(1, round(people * ABSENT_SHARE))
    pupils = [
        Pupil(number, f"S{number:04d}", f"{70_000_000 + number * 7919}", classes[number % len(classes)], 0, "ordinary")
        for number in range(on_roster)
    ]
    pupils = [replace(one, lane=classes.index(one.class_name or "") // SLOTS) for one in pupils]
    absent = frozenset(one.person_id for one in rng.sample(pupils, on_roster - people))
    # Windows are in whole minutes: in a morning that is much shorter nobody is too early.
    shares = tuple((part, share) for part, share in _SHARES if slot_min >= 3 or not part.startswith("too_"))
    pupils = _with_parts(rng, pupils, absent, shares, people)
    outsiders = tuple(
        Pupil(on_roster + n, f"outsider-{n}", f"X-{n:03d}", None, n % lanes, "outsider")
        for n in range(max(1, round(people * dict(_SHARES)["outsider"])))
    )
    errands = sorted(
        _errands(rng, [one for one in pupils if one.person_id not in absent], outsiders, slot_min * 60),
        key=lambda errand: errand.comes_s,
    )
    return School(lanes, minutes, windows, tuple(pupils), absent, outsiders, tuple(errands))


def _with_parts(
    rng: random.Random,
    pupils: list[Pupil],
    absent: frozenset[str],
    shares: Sequence[tuple[Part, float]],
    people: int,
) -> list[Pupil]:
    """Deal out the parts: singles to anybody who comes, twos to classmates."""
    parts: dict[str, Part] = {}
    coming = [one for one in pupils if one.person_id not in absent]
    by_class: dict[str | None, list[Pupil]] = {}
    for one in coming:
        by_class.setdefault(one.class_name, []).append(one)
    for twos, count in ((("lent", "owner"), LENT_SHARE), (("pair", "pair"), PAIRS_SHARE)):
        for _ in range(max(1, round(people * count / 2))):
            group = rng.choice([group for group in by_class.values() if len(group) >= 2])
            for part in twos:
                chosen = group.pop(rng.randrange(len(group)))
                parts[chosen.person_id] = part  # type: ignore[assignment]  # the tuples' own words
    free = [one for group in by_class.values() for one in group]
    rng.shuffle(free)
    for part, share in shares:
        if part == "outsider":
            continue
        wanted = max(1, round(people * share))
        fitting = [one for one in free if part not in ("too_early", "too_late") or _may_be_off(one, part)]
        for one in fitting[:wanted]:
            parts[one.person_id] = part
            free.remove(one)
    return [replace(one, part=parts.get(one.person_id, "ordinary")) for one in pupils]


def _slot(pupil: Pupil) -> int:
    return int((pupil.class_name or "1")[0]) - 1


def _may_be_off(pupil: Pupil, part: Part) -> bool:
    """Whether there is a slot two before, or after, their own."""
    return _slot(pupil) >= 2 if part == "too_early" else _slot(pupil) < SLOTS - 2


def _errands(
    rng: random.Random, coming: Sequence[Pupil], outsiders: Sequence[Pupil], slot_s: float
) -> Iterator[Errand]:
    twos: dict[tuple[str | None, Part], list[Pupil]] = {}
    for one in coming:
        if one.part in ("pair", "lent", "owner"):
            twos.setdefault((one.class_name, one.part), []).append(one)
        else:
            yield _errand(rng, one, _comes_s(rng, _slot(one), one.part, slot_s))
    for (class_name, part), group in twos.items():
        if part == "pair":
            for left, right in zip(group[::2], group[1::2], strict=True):
                comes_s = _comes_s(rng, _slot(left), part, slot_s)
                yield replace(_errand(rng, left, comes_s), beside=_errand(rng, right, comes_s))
        elif part == "lent":
            for borrower, owner in zip(group, twos[class_name, "owner"], strict=True):
                comes_s = _comes_s(rng, _slot(borrower), part, slot_s)
                yield replace(_errand(rng, borrower, comes_s), badge=owner.badge, holder=owner.person_id)
                yield _errand(rng, owner, comes_s + 20.0)
    for one in outsiders:
        yield _errand(rng, one, rng.uniform(20.0, slot_s * (SLOTS - 1)))


def _comes_s(rng: random.Random, slot: int, part: Part, slot_s: float) -> float:
    slot += {"too_early": -2, "too_late": 2}.get(part, 0)
    # The camera needs a moment before the first, and the slot's last have to get in before the next slot's first.
    return slot * slot_s + rng.uniform(12.0, max(13.0, 0.85 * slot_s))


def _errand(rng: random.Random, pupil: Pupil, comes_s: float) -> Errand:
    without = pupil.part in ("forgotten", "typed")
    typed = pupil.part == "typed"
    return Errand(
        comes_s, pupil, None if without and not typed else pupil.badge, pupil.person_id, rng.random() < 0.5, typed
    )
