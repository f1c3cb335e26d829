"""What a guard can ask of the gate at its desk, out of hostile JSON, and what they are answered."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SignIn:
    """A guard says who they are."""

    guard_id: str
    pin: str


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
    """What the contact thermometer says, in C; confirmed: typed a second time because it was questioned."""

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


Command = SignIn | SignInByBadge | SignOut | TypeBadge | Symptom | Contact | TakeStep | LetIn


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request: done or not, and a code of texts.ANSWERS; session: after a sign-in, its secret."""

    ok: bool
    code: str
    session: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One command as it arrived: from which session (its secret, None without), when (monotonic s).

    answer must be called exactly once, from any thread; late calls are ignored.
    """

    command: Command
    session: str | None
    t_s: float
    answer: Callable[[Answer], None]
