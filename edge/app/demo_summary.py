"""What became of every simulated person: readings against the truth, records against people, the county against all."""

import json
import sqlite3
import statistics
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import requests

from edge.adapters.uplink_http import read_token
from edge.app.config import Config
from edge.core.contents import Measurement, Passage
from edge.core.errors import StoreError, UplinkError
from edge.core.record import Record, fingerprint, parse
from edge.core.texts import VERDICTS

TIMEOUT_S = 10.0
WIDTH = 46
# Nobody takes longer from their first to their last frame.
PASSING_S = 6.0


@dataclass(frozen=True, slots=True)
class Truth:
    """A simulated person who has left: when their face was seen (monotonic seconds), and their forehead in C."""

    name: str
    t_first_s: float
    t_last_s: float
    forehead_c: float


@dataclass(frozen=True, slots=True)
class Kept:
    """A record as the gate's file holds it."""

    record: Record
    sha256: str

    @property
    def seen(self) -> Measurement | None:
        """What the camera measured of the person whom the record is about; None: it is about nobody who was seen."""
        return self.record.content.measurement if isinstance(self.record.content, Passage) else None


@dataclass(frozen=True, slots=True)
class Summary:
    """The end of a demo: in words (both languages), whether anybody passed, and whether all are accounted for."""

    text: str
    anybody: bool
    nobody_lost: bool


def read_records(path: Path) -> list[Kept]:
    """All records of the gate's file in their order, read without writing to it."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            bodies = [bytes(body) for (body,) in db.execute("SELECT body FROM records ORDER BY seq")]
    except sqlite3.Error as error:
        raise StoreError(
            f"无法读取记录文件 {path}（{error}）；请检查磁盘",
            f"cannot read the records in {path} ({error}); check the disk",
        ) from error
    return [Kept(parse(body), fingerprint(body)) for body in bodies]


def read_truth(path: Path) -> list[Truth]:
    """Everybody who has left the simulated scene: edge.adapters.camera_sim writes one JSON object a line."""
    if not path.exists():
        return []
    people = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Truth(f"p{p['person']}", p["t_first_s"], p["t_last_s"], p["forehead_c"]) for p in people]


def county_fingerprints(config: Config) -> dict[str, str]:
    """What the county says it keeps of this gate: uuid -> SHA-256. UplinkError: it does not say."""
    if config.county is None:
        return {}
    found: dict[str, str] = {}
    since = 0
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {read_token(config.county.token_file)}"
        while True:
            try:
                response = session.get(
                    f"{config.county.url}/api/v1/records", params={"since_seq": since}, timeout=TIMEOUT_S
                )
                response.raise_for_status()
                page = response.json()
            except requests.RequestException as error:
                raise UplinkError(
                    f"县级服务器没有说它收到了什么（{error}）；请看它的输出",
                    f"the county did not say what it has ({error}); look at its output",
                ) from error
            found |= {row["uuid"]: row["sha256"] for row in page["records"]}
            if not page["more"]:
                return found
            since = max(row["seq"] for row in page["records"])


def match(truths: Sequence[Truth], kept: Sequence[Kept]) -> dict[int, int]:
    """Which person (index) belongs to which record (index): the pairs that were there together the longest."""
    overlaps = [(_overlap_s(truth, one.seen), -i, -j) for i, truth in enumerate(truths) for j, one in enumerate(kept)]
    pairs: dict[int, int] = {}
    for overlap_s, i, j in sorted(overlaps, reverse=True):
        if overlap_s > 0 and -i not in pairs and -j not in pairs.values():
            pairs[-i] = -j
    return pairs


def summary(truths: Sequence[Truth], kept: Sequence[Kept], county: Mapping[str, str], stopped_s: float) -> Summary:
    """Count everybody three times: before the gate, in its file, at the county.

    stopped_s: when the gate was stopped (monotonic). Whoever was on their way past it then is not in the truth yet.
    """
    pairs = match(truths, kept)
    alone = {one.record.seq: one.seen.t_last_s for j, one in enumerate(kept) if one.seen and j not in pairs.values()}
    still_there = [seq for seq, t_last_s in alone.items() if t_last_s > stopped_s - PASSING_S]
    unrecorded = [truth.name for i, truth in enumerate(truths) if i not in pairs]
    unknown = [seq for seq in alone if seq not in still_there]
    missing = [one.record.seq for one in kept if county.get(one.record.uuid) != one.sha256]
    verdicts = Counter[str](one.record.content.verdict for one in kept if isinstance(one.record.content, Passage))
    errors_k = [
        seen.forehead_c - truths[i].forehead_c
        for i, j in pairs.items()
        if (seen := kept[j].seen) is not None and seen.forehead_c is not None
    ]
    at_county = len(kept) - len(missing)
    counts = {
        "走过的模拟人 / simulated people who passed": str(len(truths)),
        **{f"  {text}": str(verdicts[code]) for code, text in VERDICTS.items()},
        "读数误差 / error of the readings": _errors(errors_k),
        "写下的记录 / records written": str(len(kept)),
        "县里已收到 / acknowledged by the county": str(at_county),
    }
    lines = ["", *(f"{name}{' ' * (WIDTH - _width(name))}{count}" for name, count in counts.items())]
    if still_there:
        seqs = ", ".join(f"#{seq}" for seq in still_there)
        lines.append(f"停止时仍在闸前 / still before the gate at the end: {seqs}")
    if unrecorded:
        lines.append(f"没有记录的人 / people without a record: {', '.join(unrecorded)}")
    if unknown:
        lines.append(f"没有人的记录 / records without a person: {', '.join(f'#{seq}' for seq in unknown)}")
    if missing:
        lines.append(f"县里没有 / not at the county: {', '.join(f'#{seq}' for seq in missing)}")
    somebody_lost = bool(unrecorded or unknown or missing)
    if somebody_lost:
        lines.append("有人丢失 / SOMEBODY WAS LOST")
    else:
        lines.append(
            "一个不少 / nobody was lost" if kept else "没有人走过，无从验证 / nobody passed: nothing is proved"
        )
    return Summary("\n".join(lines), bool(kept), bool(kept) and not somebody_lost)


def _errors(errors_k: Sequence[float]) -> str:
    if not errors_k:
        return "—"
    spread_k = statistics.stdev(errors_k) if len(errors_k) > 1 else 0.0
    worst_k = max(errors_k, key=abs)
    mean_k = statistics.fmean(errors_k)
    return f"平均 / mean {mean_k:+.2f} K, 标准差 / SD {spread_k:.2f} K, 最差 / worst {worst_k:+.2f} K"


def _width(text: str) -> int:
    """Columns on a terminal: Chinese letters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _overlap_s(truth: Truth, seen: Measurement | None) -> float:
    if seen is None:
        return 0.0
    return min(truth.t_last_s, seen.t_last_s) - max(truth.t_first_s, seen.t_first_s)
