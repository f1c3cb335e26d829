"""Signed rosters for tests, by a county whose key is made anew for every run."""

import base64
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.core.roster import EntryWindow, Person, compose

COUNTY_KEY = Ed25519PrivateKey.generate()
FORGERS_KEY = Ed25519PrivateKey.generate()
SCHOOL = "第一小学"
ISSUED_UTC_MS = 1_767_600_000_000
WINDOW = EntryWindow("C1", "三年级二班", 450, 470)
LI = Person("P0001", "李小明", "pupil", "C1", ("A1", "QR-7"), True, None, True)


def a_person(n: int) -> Person:
    """Somebody with the badge B<n>, as people are in real lists."""
    return replace(LI, person_id=f"P{n:06d}", name=f"学生{n}", badges=(f"B{n}",))


def people(count: int) -> list[Person]:
    """The first `count` of them."""
    return [a_person(n) for n in range(1, count + 1)]


def signed(header: bytes, body: bytes, key: Ed25519PrivateKey = COUNTY_KEY) -> bytes:
    """The whole file, with this key's signature."""
    return header + b"\n" + base64.b64encode(key.sign(header)) + b"\n" + body


def a_roster(
    version: int = 1,
    members: Iterable[Person] = (LI,),
    issued_utc_ms: int = ISSUED_UTC_MS,
    school: str = SCHOOL,
    key: Ed25519PrivateKey = COUNTY_KEY,
) -> bytes:
    """A roster's file."""
    return signed(*compose(school, version, issued_utc_ms, [WINDOW], members), key)


def public_line(key: Ed25519PrivateKey = COUNTY_KEY) -> str:
    """The line that a gate pins."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def key_file(folder: Path, *keys: Ed25519PrivateKey) -> Path:
    """The county's key (or these), in a file of this folder."""
    path = folder / "roster.pub"
    path.write_text("".join(f"{public_line(key)}\n" for key in keys or (COUNTY_KEY,)))
    return path
