"""A county in memory."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from edge.core.answer import Answer
from edge.core.record import fingerprint, parse


class FakeUplink:
    """See `edge.ports.Uplink`. Keeps what it is given as the wire contract says; `answers` come first, in turn.

    spoil: for an answer to a whole batch that depends on its uuids; None leaves it to the good county. refuse: a code
    for the records that the county refuses. lacking: the ranges that it says are missing.
    """

    def __init__(
        self,
        *answers: Answer,
        spoil: Callable[[list[str]], Answer | None] = lambda uuids: None,
        refuse: Callable[[str], str | None] = lambda uuid: None,
    ) -> None:
        self._answers = list(answers)
        self._spoil = spoil
        self._refuse = refuse
        self.kept: dict[str, bytes] = {}
        self.batches: list[list[str]] = []
        self.statuses: list[bytes] = []
        self.status_answers: list[Answer] = []
        self.lacking: list[list[int]] = []
        self.closed = False

    @property
    def offered(self) -> list[str]:
        """Every offer of a record, by uuid."""
        return [uuid for batch in self.batches for uuid in batch]

    def send(self, bodies: Sequence[bytes]) -> Answer:
        uuids = [parse(body).uuid for body in bodies]
        self.batches.append(uuids)
        if self.closed:
            return Answer(None, failure="closed", connected=False)
        if self._answers:
            return self._answers.pop(0)
        if (spoilt := self._spoil(uuids)) is not None:
            return spoilt
        lines = [self._keep(n, uuid, body) for n, (uuid, body) in enumerate(zip(uuids, bodies, strict=True), 1)]
        return Answer(200, json.dumps({"answers": lines, "missing": [], "head": None}, ensure_ascii=False).encode())

    def status(self, body: bytes) -> Answer:
        self.statuses.append(body)
        if self.closed:
            return Answer(None, failure="closed", connected=False)
        if self.status_answers:
            return self.status_answers.pop(0)
        return Answer(200, json.dumps({"head": None, "missing": self.lacking}).encode())

    def close(self) -> None:
        self.closed = True

    def _keep(self, line: int, uuid: str, body: bytes) -> dict[str, Any]:
        code = self._refuse(uuid)
        if code is None and self.kept.get(uuid, body) != body:
            code = "uuid_taken"
        if code is not None:
            return {"line": line, "error": words(code)}
        status = "already" if uuid in self.kept else "created"
        self.kept[uuid] = body
        return {"uuid": uuid, "sha256": fingerprint(body), "status": status}


def words(code: str) -> dict[str, str]:
    """The county's own words of an error."""
    return {"code": code, "zh": f"原因 {code}", "en": f"because of {code}"}


def refusal(status: int, code: str) -> Answer:
    """An answer in the county's own words."""
    return Answer(status, json.dumps({"error": words(code)}, ensure_ascii=False).encode())
