"""Who may come in: the list that the county signs, one entry a person."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["pupil", "staff", "visitor", "guard", "medic"]


@dataclass(frozen=True, slots=True)
class Person:
    """One entry of the roster.

    badges: normalised badge texts; approved: their return is approved; observation_until: ISO date, inclusive, or
    None; health_record: the 14-day record is complete; valid_from, valid_until: ISO dates, inclusive, of a dated pass.
    """

    person_id: str
    name: str
    role: Role
    class_id: str | None
    badges: tuple[str, ...]
    approved: bool
    observation_until: str | None
    health_record: bool
    valid_from: str | None = None
    valid_until: str | None = None


@dataclass(frozen=True, slots=True)
class EntryWindow:
    """When a class may enter: minutes of the local day, 0 to 1440, both included."""

    class_id: str
    name: str
    earliest_min: int
    latest_min: int


@dataclass(frozen=True, slots=True)
class Header:
    """What the county signs: of which school, which version, issued when, and what the body is."""

    schema: int
    school: str
    version: int
    issued_utc_ms: int
    people: int
    body_bytes: int
    body_sha256: str
    windows: tuple[EntryWindow, ...]
