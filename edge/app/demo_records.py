"""What there is to compare at the end of a demo: the truth about everybody, the gate's file, the county's answer."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import requests

from edge.adapters.uplink_http import read_token
from edge.app.config import Config
from edge.core.contents import Measurement, Passage
from edge.core.errors import StoreError, UplinkError
from edge.core.record import Parts, Record, fingerprint, joined, parse

TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Truth:
    """A simulated person who has left: when their face was seen (monotonic seconds), and their forehead in C.

    kind, badge: their part in the demo and what they held out (edge/app/demo_cast.py); "": nobody was asked.
    """

    name: str
    t_first_s: float
    t_last_s: float
    forehead_c: float
    fever: bool = False
    kind: str = ""
    badge: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A record as the gate's file holds it."""

    record: Record
    sha256: str

    @property
    def seen(self) -> Measurement | None:
        """What the camera measured of the person whom the record is about; None: it is about nobody who was seen."""
        return self.record.content.measurement if isinstance(self.record.content, Passage) else None


def read_records(path: Path) -> list[Kept]:
    """All records of the gate's file in their order, read without writing to it."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            rows = db.execute("SELECT link, sealed, signature FROM records WHERE sealed IS NOT NULL ORDER BY seq")
            bodies = [joined(Parts(*row)) for row in rows]
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
    return [
        Truth(f"p{p['person']}", p["t_first_s"], p["t_last_s"], p["forehead_c"], p["fever"], p["kind"], p["badge"])
        for p in people
    ]


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
