"""Simulated gates of the county's load: real signed chains in batches on the disk, and how they are sent."""

import gzip
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID

import requests

from edge.adapters.device_key import DeviceKey
from edge.core import record as wire
from edge.core.chain import Head
from edge.core.contents import Measurement, Passage

BATCH = 500
DAY_MS = 86_400_000
# A morning: everybody within 40 minutes.
MORNING_MS = 40 * 60_000
# Of so many batches one is sent twice, as if its answer had been lost.
AGAIN_EVERY = 20
# A gate gives up sooner and comes again; here it is how long an answer takes that is measured.
WITHIN_S = 600.0
# How often somebody comes so; the rest passes.
ABSENT, FEVER, REFUSED, NOT_MEASURED = 0.03, 0.003, 0.01, 0.02
_MEASURED = Measurement(1.0, 2.2, 9, 34.9, 35.6, 0.28, 33.8, 36.1, 37.0, 35.9, "pass", "ok")
_PASS = Passage(_MEASURED, "known", "p", "card", 1, None, "pass", ("ok",))
_OUTCOMES = {
    "pass": _PASS,
    "fever": replace(
        _PASS,
        measurement=replace(_MEASURED, forehead_c=36.7, face_max_c=37.4, finding="fever", reason="fever_forehead"),
        verdict="fever",
        reasons=("fever_forehead",),
    ),
    "refused": replace(_PASS, verdict="refused", reasons=("not_approved",)),
    "not_measured": replace(
        _PASS,
        measurement=replace(
            _MEASURED,
            forehead_c=None,
            face_max_c=None,
            u_c=None,
            forehead_raw_c=None,
            finding="not_measured",
            reason="obscured",
        ),
        verdict="not_measured",
        reasons=("obscured",),
    ),
}


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate to be: people are persons of its school's roster; mornings: when each began, ms UTC, the last is today's.

    folder: of its key and its batches.
    """

    gate_id: str
    school: str
    people: tuple[str, ...]
    mornings_utc_ms: tuple[int, ...]
    folder: Path


@dataclass(frozen=True, slots=True)
class Written:
    """What a gate has written: its head, how many records, and per morning how often each verdict was given."""

    gate: Gate
    head: Head
    records: int
    verdicts: dict[int, dict[str, int]]


@dataclass(slots=True)
class Sent:
    """What became of the batches: how long each took, and how often each status was answered."""

    batch_s: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Sent") -> None:
        """The same of more gates."""
        self.batch_s += other.batch_s
        self.statuses += other.statuses


def write(gate: Gate) -> Written:
    """Live through the mornings, sign what happens, and leave it in the folder as batches ready to be sent."""
    key = DeviceKey(gate.folder / "device.key")
    chance = random.Random(gate.gate_id)
    previous, seq, monotonic_s = wire.NOTHING_BEFORE, 0, 0.0
    bodies: list[bytes] = []
    verdicts: dict[int, dict[str, int]] = {}
    record: wire.Record | None = None
    for morning in gate.mornings_utc_ms:
        given = Counter[str]()
        for place, person in enumerate(gate.people):
            verdict = _outcome(chance)
            if verdict is None:
                continue
            given[verdict] += 1
            seq, monotonic_s = seq + 1, monotonic_s + 2.0
            utc_ms = morning + place * MORNING_MS // len(gate.people)
            record = wire.signed(
                wire.Record(
                    uuid=str(UUID(int=chance.getrandbits(128), version=4)),
                    gate_id=gate.gate_id,
                    seq=seq,
                    decided=wire.Stamp(utc_ms, monotonic_s, "0" * 32, True),
                    content=replace(_OUTCOMES[verdict], person_id=person),
                    software_version="0.1.0",
                    calibration_version="load",
                    previous_sha256=previous,
                    salt=f"{chance.getrandbits(128):032x}",
                ),
                key.sign,
            )
            body = wire.canonical_bytes(record)
            previous = wire.fingerprint(body)
            bodies.append(body)
        verdicts[morning] = dict(given)
    if record is None:
        raise ValueError("nobody came to this gate in all its mornings")
    _leave(gate.folder, bodies)
    return Written(gate, Head(seq, previous, record.signature), seq, verdicts)


def send(url: str, gates: Sequence[tuple[Written, str]], threads: int) -> Sent:
    """Send the batches of these gates (with their tokens), `threads` of them at a time."""
    total = Sent()
    guard = threading.Lock()

    def one(item: tuple[Written, str]) -> None:
        found = _send_one(url, *item)
        with guard:
            total.add(found)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, gates))
    return total


def _send_one(url: str, written: Written, token: str) -> Sent:
    sent = Sent()
    with requests.Session() as session:
        # Straight to the county: a proxy of this machine's would be measured too.
        session.trust_env = False
        session.headers.update(
            {
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/x-ndjson",
                "Content-Encoding": "gzip",
            }
        )
        files = sorted(written.gate.folder.glob("*.gz"))
        # The newest first, as after an outage: today's records wait for no backlog.
        for number, file in enumerate([files[-1], *files[:-1]]):
            for _ in range(2 if number % AGAIN_EVERY == 0 else 1):
                _post(session, url, file.read_bytes(), sent)
    return sent


def _post(session: requests.Session, url: str, body: bytes, sent: Sent) -> None:
    while True:
        began_s = time.monotonic()
        answer = session.post(f"{url}/api/v1/records", body, timeout=WITHIN_S)
        if answer.status_code == 503:
            # The county asks to come again; that is no loss, but it is told.
            sent.statuses["busy"] += 1
            time.sleep(float(answer.headers.get("Retry-After", "1")))
            continue
        sent.batch_s.append(time.monotonic() - began_s)
        answer.raise_for_status()
        for one in answer.json()["answers"]:
            sent.statuses[one["status"] if "status" in one else one["error"]["code"]] += 1
        return


def _outcome(chance: random.Random) -> str | None:
    dice = chance.random()
    for name, share in ((None, ABSENT), ("fever", FEVER), ("refused", REFUSED), ("not_measured", NOT_MEASURED)):
        if dice < share:
            return name
        dice -= share
    return "pass"


def _leave(folder: Path, bodies: Sequence[bytes]) -> None:
    for start in range(0, len(bodies), BATCH):
        lines = b"".join(body + b"\n" for body in bodies[start : start + BATCH])
        (folder / f"{start:09d}.gz").write_bytes(gzip.compress(lines, compresslevel=6, mtime=0))
