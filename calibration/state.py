"""What a calibration has found so far: plain values that go to a file after each step, and come back from it."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from calibration.fit import Series
from calibration.questions import Answer
from calibration.surface import Spot
from edge.core.radiometry import Skin, apparent_c

VERSION = 1
STAGES = (
    "sensor", "about", "warm_up", "reference", "low", "high", "verify", "uniformity", "distance", "geometry", "lines",
    "acceptance", "sign", "done",
)  # fmt: skip
POINTS = ("low", "high", "verify")


@dataclass(frozen=True, slots=True)
class Setup:
    """What is known before: the gate, its camera, its reference (apparent C), its skin model, its lines.

    previous: id, made_utc_ms, gain, offset_k of the profile in force, if any.
    """

    gate_id: str
    rows: int
    columns: int
    rotation_deg: int
    reference_c: float
    skin_emissivity: float
    began_utc_ms: int
    lines: tuple[str, ...]
    previous: Mapping[str, Any] | None = None

    @property
    def skin(self) -> Skin:
        return Skin(self.skin_emissivity)


@dataclass(frozen=True, slots=True)
class Sample:
    """One look that counts: t_s, seen_c of the source, level_c: the camera's own claim of the reference."""

    t_s: float
    seen_c: float
    level_c: float
    u: float = 0.0
    v: float = 0.0
    radius_px: float = 0.0


@dataclass(frozen=True, slots=True)
class State:
    """stage and step: where the procedure stands; armed: the technician has confirmed, readings are taken.

    window: the readings since then. answers: by question. region: the reference's (upright x0, y0, x1, y1).
    points: readings by stage; spots, distances: mean readings by place (u, v, C) and distance (m, C, px).
    levels: t_s, the reference's claim and FPA temperature while warming up. over: a reason to begin anew.
    """

    setup: Setup
    stage: str = "sensor"
    step: int = 0
    armed: bool = False
    serial: str | None = None
    serial_told: bool = False
    answers: Mapping[str, Answer] = field(default_factory=dict)
    region: tuple[float, float, float, float] | None = None
    bad: tuple[tuple[int, int], ...] = ()
    levels: tuple[tuple[float, float, float], ...] = ()
    window: tuple[Sample, ...] = ()
    waited: int = 0
    points: Mapping[str, tuple[Sample, ...]] = field(default_factory=dict)
    spots: tuple[tuple[float, float, float], ...] = ()
    distances: tuple[tuple[float, float, float], ...] = ()
    lines: Mapping[str, bool] = field(default_factory=dict)
    profile_id: str | None = None
    over: str | None = None

    def number(self, code: str) -> float:
        """A typed number. KeyError: it was not asked yet."""
        return float(self.answers[code])

    def series(self, stage: str) -> Series:
        """The readings of a point, with the source's apparent temperature and the u (k = 1) of its certificate."""
        samples = self.points[stage]
        true_c = apparent_c(self.number(stage), self.number("ambient_c"), self.number("source_emissivity"))
        return Series(
            true_c,
            self.number("source_expanded_k") / 2,
            tuple(one.t_s for one in samples),
            tuple(one.seen_c for one in samples),
        )

    def places(self) -> tuple[Spot, ...]:
        return tuple(Spot(*one) for one in self.spots)


def dumped(state: State) -> bytes:
    """The state as JSON."""
    return json.dumps({"version": VERSION, **asdict(state)}, ensure_ascii=False, allow_nan=False).encode()


def loaded(body: bytes) -> State | None:
    """The state in these bytes, its running window forgotten (time has gone by); None: they hold none."""
    try:
        plain = json.loads(body)
        if plain.pop("version") != VERSION:
            return None
        setup = plain.pop("setup")
        setup["lines"] = tuple(setup["lines"])
        state = State(
            Setup(**setup),
            **{
                **plain,
                "armed": False,
                "window": (),
                "waited": 0,
                "region": None if plain["region"] is None else tuple(map(float, plain["region"])),
                "bad": _rows(plain["bad"], 2),
                "levels": (),
                "points": {name: tuple(_sample(one) for one in samples) for name, samples in plain["points"].items()},
                "spots": _rows(plain["spots"], 3),
                "distances": _rows(plain["distances"], 3),
            },
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    known = state.stage in STAGES and isinstance(state.step, int) and state.step >= 0
    return state if known else None


def _rows(given: Any, width: int) -> tuple[Any, ...]:
    rows = tuple(tuple(row) for row in given)
    if not all(len(row) == width and all(math.isfinite(one) for one in row) for row in rows):
        raise ValueError(f"rows of {width} numbers")
    return rows


def _sample(plain: Any) -> Sample:
    return Sample(**{f.name: float(plain[f.name]) for f in fields(Sample)})
