"""What a guard can ask of the gate at its desk, out of hostile JSON, and what they are answered.

A request is one JSON object: `do` names the command, and beside it stand exactly the fields of that command, e.g.

    {"do": "let_in", "passage_uuid": "6f1f…", "reason": "known_by_sight", "note": ""}
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from edge.core.contents import NAME, NOTE
from edge.core.roster import normal_badge
from edge.core.strict_json import read_object
from edge.core.texts import OVERRIDES, SYMPTOMS

MOST_BYTES = 2048
# Steps that need nothing but a note; the contact thermometer's is a command of its own.
PLAIN_STEPS = ("observation", "informed", "released", "closed")
NOT_UNDERSTOOD = "not_understood"
# What no thermometer shows is refused already here; what is rare is questioned by edge.core.cases.
LEAST_CONTACT_C, MOST_CONTACT_C = 20.0, 50.0
_PIN = re.compile(r"[0-9]{1,12}")
_NUMBER = re.compile(r" {0,4}[A-Za-z0-9._-]{1,64} {0,4}")
MOST_PEOPLE = 10**7
# The day's numbers stand before it in the same note (edge/core/day.py).
MOST_DAY_NOTE = 80
_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class SignIn:
    """A guard says who they are. The PIN is in no log."""

    guard_id: str
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignInByBadge:
    """The next guard's badge at a reader signs in."""


@dataclass(frozen=True, slots=True)
class SignOut:
    """The guard leaves the desk."""


@dataclass(frozen=True, slots=True)
class TypeBadge:
    """A badge number typed by hand, normalised."""

    badge: str


@dataclass(frozen=True, slots=True)
class Symptom:
    """Somebody coughs, or else: opens a case. passage_uuid: of whom, as far as they have a passage."""

    symptom: str
    passage_uuid: str | None


@dataclass(frozen=True, slots=True)
class Contact:
    """What the contact thermometer says, in C; confirmed: it was questioned, and the guard stands by it."""

    case_id: str
    contact_c: float
    confirmed: bool


@dataclass(frozen=True, slots=True)
class TakeStep:
    """Another step of a case: observation, informed, released or closed."""

    case_id: str
    step: str
    note: str


@dataclass(frozen=True, slots=True)
class LetIn:
    """Override: let in whom the gate has not."""

    passage_uuid: str
    reason: str
    note: str


@dataclass(frozen=True, slots=True)
class Identify:
    """Who a case is about: the number of a badge, or of the person, as it was typed."""

    case_id: str
    number: str


@dataclass(frozen=True, slots=True)
class SignDay:
    """The day's numbers are right: signed for that many people, which the guard saw."""

    people: int
    note: str


@dataclass(frozen=True, slots=True)
class StillIn:
    """Whether this session still holds; no act, so it makes no session last longer."""


Command = (
    SignIn | SignInByBadge | SignOut | TypeBadge | Symptom | Contact | TakeStep | LetIn | Identify | SignDay | StillIn
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request: done or not, and a code of texts.ANSWERS.

    session, guard_id: after a sign-in, its secret, and who has signed in.
    """

    ok: bool
    code: str
    session: str | None = field(default=None, repr=False)
    guard_id: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One command as it arrived: from which session (its secret, None without), when (monotonic s), from a tablet?

    answer must be called exactly once, from any thread; late calls are ignored.
    """

    command: Command
    session: str | None = field(repr=False)
    t_s: float
    answer: Callable[[Answer], None] = field(repr=False)
    remote: bool = False


def parse(body: bytes) -> Command | str:
    """The command that these bytes are, whoever sent them; or why they are none: a code of texts.ANSWERS."""
    asked = read_object(body, MOST_BYTES)
    if asked is None:
        return NOT_UNDERSTOOD
    do = asked.pop("do", None)
    known = _READERS.get(do) if isinstance(do, str) else None
    if known is None or set(asked) != known[0]:
        return NOT_UNDERSTOOD
    return known[1](**asked)


def _sign_in(guard_id: Any, pin: Any) -> Command | str:
    return SignIn(guard_id, pin) if _matches(NAME, guard_id) and _matches(_PIN, pin) else NOT_UNDERSTOOD


def _type_badge(badge: Any) -> Command | str:
    if not _is_text(badge):
        return NOT_UNDERSTOOD
    normal = normal_badge(badge)
    return "badge_unreadable" if normal is None else TypeBadge(normal)


def _symptom(symptom: Any, passage_uuid: Any) -> Command | str:
    known = _is_text(symptom) and symptom in SYMPTOMS and (passage_uuid is None or _is_uuid(passage_uuid))
    return Symptom(symptom, passage_uuid) if known else NOT_UNDERSTOOD


def _contact(case_id: Any, contact_c: Any, confirmed: Any) -> Command | str:
    number = isinstance(contact_c, int | float) and not isinstance(contact_c, bool)
    if not number or not isinstance(confirmed, bool) or not _is_uuid(case_id):
        return NOT_UNDERSTOOD
    # Compared before it becomes a float, which a whole number of 2,000 digits cannot.
    if not LEAST_CONTACT_C <= contact_c <= MOST_CONTACT_C:
        return "contact_out_of_range"
    return Contact(case_id, float(contact_c), confirmed)


def _take_step(case_id: Any, step: Any, note: Any) -> Command | str:
    if not _is_uuid(case_id) or not _is_text(step) or not _is_text(note):
        return NOT_UNDERSTOOD
    if step not in PLAIN_STEPS:
        return "step_unknown"
    return TakeStep(case_id, step, note) if _is_note(note) else "note_unfit"


def _let_in(passage_uuid: Any, reason: Any, note: Any) -> Command | str:
    if not _is_uuid(passage_uuid) or not _is_text(reason) or not _is_text(note) or reason not in OVERRIDES:
        return NOT_UNDERSTOOD
    if not _is_note(note):
        return "note_unfit"
    # "Another reason" that nobody names is no reason.
    return "note_needed" if reason == "other" and not note.strip() else LetIn(passage_uuid, reason, note)


def _identify(case_id: Any, number: Any) -> Command | str:
    known = _is_uuid(case_id) and _matches(_NUMBER, number)
    return Identify(case_id, number.strip()) if known else NOT_UNDERSTOOD


def _sign_day(people: Any, note: Any) -> Command | str:
    counted = isinstance(people, int) and not isinstance(people, bool) and 0 <= people <= MOST_PEOPLE
    if not counted or not _is_text(note):
        return NOT_UNDERSTOOD
    return SignDay(people, note) if _is_note(note) and len(note) <= MOST_DAY_NOTE else "note_unfit"


_READERS: dict[str, tuple[frozenset[str], Callable[..., Command | str]]] = {
    "sign_in": (frozenset({"guard_id", "pin"}), _sign_in),
    "sign_in_by_badge": (frozenset(), SignInByBadge),
    "sign_out": (frozenset(), SignOut),
    "type_badge": (frozenset({"badge"}), _type_badge),
    "symptom": (frozenset({"symptom", "passage_uuid"}), _symptom),
    "contact": (frozenset({"case_id", "contact_c", "confirmed"}), _contact),
    "take_step": (frozenset({"case_id", "step", "note"}), _take_step),
    "let_in": (frozenset({"passage_uuid", "reason", "note"}), _let_in),
    "identify": (frozenset({"case_id", "number"}), _identify),
    "sign_day": (frozenset({"people", "note"}), _sign_day),
    "still_in": (frozenset(), StillIn),
}


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _matches(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_note(value: str) -> bool:
    # Half a character cannot be written down.
    return _matches(NOTE, value) and not _SURROGATE.search(value)


def _is_uuid(value: Any) -> bool:
    try:
        return isinstance(value, str) and str(UUID(value)) == value
    except ValueError:
        return False
