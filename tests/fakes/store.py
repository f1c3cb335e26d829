"""Records in memory."""

from collections.abc import Collection, Iterable, Mapping
from uuid import uuid4

from edge.core.chain import Head
from edge.core.contents import Content, kind_of
from edge.core.errors import StoreError
from edge.core.record import NOTHING_BEFORE, Record, Stamp, canonical_bytes, fingerprint, parse, signed
from tests.fakes.signing import SIGNER


class FakeStore:
    """See `edge.ports.Store`. While `fault` is set, every call raises it and changes nothing."""

    def __init__(self, gate_id: str = "gate-1") -> None:
        self._gate_id = gate_id
        self._bodies: dict[str, bytes] = {}
        self._closed = False
        self.acknowledged: list[str] = []
        self.set_asides: dict[str, str] = {}
        self.gone: set[str] = set()
        self.fault: StoreError | None = None

    def append(self, content: Content, decided: Stamp) -> Record:
        self._check()
        seq = len(self._bodies) + 1
        head = self.head()
        before = NOTHING_BEFORE if head is None else head.sha256
        salt = uuid4().hex
        record = Record(str(uuid4()), self._gate_id, seq, decided, content, "0.1.0", "none", before, salt)
        body = canonical_bytes(signed(record, SIGNER.sign))
        record = parse(body)
        self._bodies[record.uuid] = body
        return record

    def recall(self, kinds: Collection[str], since_utc_ms: int = 0) -> list[Record]:
        self._check()
        records = [parse(body) for uuid, body in self._bodies.items() if uuid not in self.gone]
        return [r for r in records if kind_of(r.content) in kinds and r.decided.utc_ms >= since_utc_ms]

    def head(self) -> Head | None:
        self._check()
        if not self._bodies:
            return None
        body = list(self._bodies.values())[-1]
        last = parse(body)
        return Head(last.seq, fingerprint(body), last.signature)

    def unsent(self, limit: int, newest: bool = False) -> list[tuple[Record, bytes]]:
        self._check()
        answered = {*self.acknowledged, *self.set_asides}
        waiting = [(parse(body), body) for uuid, body in self._bodies.items() if uuid not in answered]
        return (waiting[::-1] if newest else waiting)[:limit]

    def acknowledge(self, uuid: str) -> None:
        self._check(uuid)
        self.set_asides.pop(uuid, None)
        if uuid not in self.acknowledged:
            self.acknowledged.append(uuid)

    def set_aside(self, uuid: str, why: str) -> None:
        self._check(uuid)
        if uuid not in self.acknowledged:
            self.set_asides[uuid] = why

    def erase_before(self, utc_ms: int, needed: Collection[str] = (), together: Iterable[Collection[str]] = ()) -> int:
        self._check()
        old = [uuid for uuid in self._bodies if uuid in self.acknowledged and uuid not in self.gone]
        dated = {uuid: parse(self._bodies[uuid]).decided for uuid in old}
        last = max((n for n, uuid in enumerate(old) if _before(dated[uuid], utc_ms)), default=-1)
        now_gone = {uuid for uuid in old[: last + 1] if uuid not in needed}
        for group in together:
            if not now_gone.issuperset(group):
                now_gone.difference_update(group)
        self.gone.update(now_gone)
        return len(now_gone)

    def erased(self, since_utc_ms: int, until_utc_ms: int) -> int:
        self._check()
        decided = [parse(self._bodies[uuid]).decided.utc_ms for uuid in self.gone]
        return sum(since_utc_ms <= utc_ms < until_utc_ms for utc_ms in decided)

    def last_decided(self) -> Stamp | None:
        self._check()
        return parse(list(self._bodies.values())[-1]).decided if self._bodies else None

    def settle(self, acknowledged: Collection[str], set_aside: Mapping[str, str]) -> None:
        for uuid in (*acknowledged, *set_aside):
            self._check(uuid)
        for uuid in acknowledged:
            self.acknowledge(uuid)
        for uuid, why in set_aside.items():
            self.set_aside(uuid, why)

    def offer_missing(self, first: int, last: int) -> int:
        self._check()
        numbered = enumerate(self._bodies, 1)
        there = {uuid for uuid in self.acknowledged if uuid not in self.gone}
        lost = [uuid for seq, uuid in numbered if first <= seq <= last and uuid in there]
        self.acknowledged = [uuid for uuid in self.acknowledged if uuid not in lost]
        return len(lost)

    def counts(self) -> tuple[int, int, int]:
        self._check()
        return len(self._bodies), len(self.acknowledged), len(self.set_asides)

    def close(self) -> None:
        self._closed = True

    def _check(self, uuid: str | None = None) -> None:
        if self.fault is not None:
            raise self.fault
        if self._closed:
            raise StoreError("已关闭；请重新打开", "closed; open it again")
        if uuid is not None and uuid not in self._bodies:
            raise StoreError(f"没有记录 {uuid}；请核对", f"no record {uuid}; check")


def _before(decided: Stamp, utc_ms: int) -> bool:
    return decided.synchronised and decided.utc_ms < utc_ms
