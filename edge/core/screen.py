"""State -> what the guard sees. No pixels: the picture travels beside it."""

from dataclasses import dataclass

from edge.core.geometry import Box
from edge.core.record import Verdict


@dataclass(frozen=True, slots=True)
class FaceView:
    """One face of the picture shown: box in its upright pixels, reading in C or why there is none (a reason code)."""

    track: int
    box: Box
    forehead: Box | None
    forehead_c: float | None
    why_not: str | None


@dataclass(frozen=True, slots=True)
class VerdictView:
    """The last person: verdict, reason code, readings in C, and how long ago it was decided."""

    verdict: Verdict
    reason: str
    forehead_c: float | None
    age_s: float


@dataclass(frozen=True, slots=True)
class ScreenState:
    """All that the guard's screen shows of one moment.

    frame_seq and t_s name the frame; status is that frame's (`ok`, `shutter`, `settling`, `no_reference`, `stale`,
    `invalid`) or `no_camera`; faults are codes of texts.FAULTS, the gravest first; records are (written,
    acknowledged, set aside).
    """

    gate_id: str
    gate_name: str
    frame_seq: int
    t_s: float
    status: str
    reference_c: float | None
    threshold_c: float
    faces: tuple[FaceView, ...]
    last: VerdictView | None
    passed: int
    fever: int
    not_measured: int
    records: tuple[int, int, int]
    faults: tuple[str, ...]
