"""A county in memory."""

import json
from collections.abc import Callable

from edge.core.outbox import Answer
from edge.core.record import fingerprint


class FakeUplink:
    """See `edge.ports.Uplink`. Keeps what it is given as the wire contract says; `answers` come first, in turn.

    spoil: for an answer that depends on the record; None leaves it to the good county.
    """

    def __init__(self, *answers: Answer, spoil: Callable[[str], Answer | None] = lambda uuid: None) -> None:
        self._answers = list(answers)
        self._spoil = spoil
        self.kept: dict[str, bytes] = {}
        self.offered: list[str] = []
        self.closed = False

    def put(self, uuid: str, body: bytes) -> Answer:
        self.offered.append(uuid)
        if self.closed:
            return Answer(None, failure="closed", connected=False)
        if self._answers:
            return self._answers.pop(0)
        if (spoilt := self._spoil(uuid)) is not None:
            return spoilt
        if self.kept.setdefault(uuid, body) != body:
            return refusal(409, "uuid_taken")
        return Answer(201, json.dumps({"uuid": uuid, "sha256": fingerprint(body)}).encode())

    def close(self) -> None:
        self.closed = True


def refusal(status: int, code: str) -> Answer:
    """An answer in the county's own words."""
    error = {"code": code, "zh": f"原因 {code}", "en": f"because of {code}"}
    return Answer(status, json.dumps({"error": error}, ensure_ascii=False).encode())
