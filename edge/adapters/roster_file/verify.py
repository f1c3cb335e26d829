"""Bytes that claim to be a roster -> the roster, or why not. Nothing of it is believed before its signature is.

line 1    the header, canonical JSON: school, version, time of issue, length and SHA-256 of the body
line 2    base64 of the Ed25519 signature over the bytes of line 1
the rest  the body: one line of canonical JSON a person, in the order of their ids
"""

import base64
import binascii
import hashlib
from array import array
from collections.abc import Callable
from typing import BinaryIO

from edge.adapters.roster_file.index import Lines, Places, Roster, fingerprint_of
from edge.adapters.roster_file.keys import Keys, signed_by_one
from edge.core.errors import RosterError
from edge.core.roster import MAX_BODY_BYTES, MAX_HEADER_BYTES, Header, Person, parse_header, parse_person

# base64 of 64 bytes.
_SIGNATURE_CHARACTERS = 88
MAX_FILE_BYTES = MAX_HEADER_BYTES + 1 + _SIGNATURE_CHARACTERS + 1 + MAX_BODY_BYTES
# So many people are parsed before whoever else runs in this process has their turn.
_BREATH = 10


def verified(
    file: BinaryIO, keys: Keys, school: str, known: Roster | None = None, breathe: Callable[[], None] | None = None
) -> Roster:
    """The roster in this file, read from where it stands to its end; every person in it was parsed once.

    school: whose it must be. known: one that was verified before; the people of the same one issued anew are not
    parsed again. breathe is called again and again while they are. RosterError: it cannot be taken.
    """
    header = _header(file, keys)
    if header.school != school:
        raise RosterError(
            f"名单属于 {header.school!r}，而本机属于 {school!r}；请核对 roster.school 与县里登记的学校",
            f"the roster is of {header.school!r}, this gate of {school!r};"
            " check roster.school and the school that the county registered",
        )
    body = file.read(header.body_bytes + 1)
    if len(body) != header.body_bytes:
        raise _damaged(f"{len(body)} bytes of {header.body_bytes}" if len(body) < header.body_bytes else "too long")
    if hashlib.sha256(body).hexdigest() != header.body_sha256:
        raise _damaged("SHA-256")
    if known is not None and (known.header.body_sha256, known.header.people) == (header.body_sha256, header.people):
        return known.issued_anew(header)
    return Roster(header, body, _lines(body, header.people, breathe))


def _header(file: BinaryIO, keys: Keys) -> Header:
    line = file.readline(MAX_HEADER_BYTES + 1)
    written = file.readline(_SIGNATURE_CHARACTERS + 2)
    if not line.endswith(b"\n") or not written.endswith(b"\n"):
        raise _damaged("header")
    try:
        signature = base64.b64decode(written[:-1], validate=True)
    except binascii.Error:
        signature = b""
    # Compared: several texts of base64 mean the same bytes.
    if base64.b64encode(signature) != written[:-1] or not signed_by_one(keys, signature, line[:-1]):
        raise RosterError(
            "名单签名不对，未采用；若县里更换过密钥，请核对 roster.key_file，否则请报告县级管理员",
            "the roster's signature is wrong, it was not taken; if the county changed its key, check roster.key_file,"
            " otherwise tell the county's administrator",
        )
    return parse_header(line[:-1])


def _lines(body: bytes, people: int, breathe: Callable[[], None] | None) -> Lines:
    starts = array("I", [0])
    ids: list[tuple[int, int]] = []
    badges: list[tuple[int, int]] = []
    before = ""
    taken = set[str]()
    while starts[-1] < len(body):
        row, start = len(ids), starts[-1]
        end = body.find(b"\n", start)
        if end < 0 or row >= people:
            raise _damaged(f"person {row + 1}")
        person = parse_person(body[start:end])
        if (row and person.person_id <= before) or not taken.isdisjoint(person.badges):
            raise _damaged(f"person {row + 1}")
        before = person.person_id
        taken.update(person.badges)
        _note(person, row, ids, badges)
        starts.append(end + 1)
        if breathe is not None and row % _BREATH == 0:
            breathe()
    if len(ids) != people:
        raise _damaged(f"{len(ids)} people of {people}")
    return Lines(starts, Places(ids), Places(badges))


def _note(person: Person, row: int, ids: list[tuple[int, int]], badges: list[tuple[int, int]]) -> None:
    ids.append((fingerprint_of(person.person_id), row))
    badges.extend((fingerprint_of(badge), row) for badge in person.badges)


def _damaged(detail: str) -> RosterError:
    return RosterError(
        f"名单文件损坏（{detail}），未采用；将自动重新下载，若反复出现请检查存储卡和网络",
        f"the roster is damaged ({detail}), it was not taken; it is fetched again, if this goes on check storage and"
        " network",
    )
