"""What a gate tells the county of itself about every minute, and what the county's answer lays open.

The head goes with it: number, fingerprint and signature of the last record. What the county keeps of it proves later
that a file was cut off or replaced.
"""

import json
from dataclasses import asdict

from edge.core.answer import Answer, json_object, no_word, said_by_county, unauthorised, wrong_token
from edge.core.chain import Head
from edge.core.health import Health, canonical_bytes
from edge.core.texts import Text

MOST_RANGES = 100
_HIGHEST = 2**53


def status_body(head: Head | None, health: Health) -> bytes:
    """The status as it is sent (JSON, UTF-8). RecordError: a value of the health cannot be written."""
    lodged = None if head is None else asdict(head)
    told = json.dumps(lodged, sort_keys=True, separators=(",", ":")).encode()
    return b'{"head":%b,"health":%b}' % (told, canonical_bytes(health))


def missing(answer: Answer) -> tuple[tuple[int, int], ...] | None:
    """Which numbers (from, to, both included) the county says it lacks; None: this is no answer to a status."""
    ranges = json_object(answer.body).get("missing") if answer.status == 200 else None
    if not isinstance(ranges, list) or len(ranges) > MOST_RANGES:
        return None
    found = []
    for one in ranges:
        if not isinstance(one, list) or len(one) != 2 or not all(type(end) is int for end in one):
            return None
        first, last = one
        if not 1 <= first <= last <= _HIGHEST:
            return None
        found.append((first, last))
    return tuple(found)


def trouble(answer: Answer) -> Text:
    """What a technician reads when a status was not taken."""
    if wrong_token(answer):
        return unauthorised(answer)
    said = said_by_county(answer.body)
    if answer.status is None or said is None:
        return no_word(answer)
    return Text(
        f"县级服务器未接受状态（{answer.status}，{said.zh}）；请核对闸机与县级服务器的软件版本，记录照常上传",
        f"the county does not take the status ({answer.status}, {said.en}); check that gate and county run matching"
        " versions, records are sent as ever",
    )


def is_away(answer: Answer) -> bool:
    """Whether records would fare no better now: nobody answers, or the county asks to be left alone."""
    return answer.status is None or answer.status in (429, 503)
