"""State -> what the guard sees, and the one message that carries it to a page together with its picture.

The colours are fixed in degrees: a pixel becomes a step of one scale that never stretches with the scene, so that the
same temperature has the same colour all day. How a message is laid out:

    4 bytes    length of the JSON text, unsigned, little-endian
    JSON text  UTF-8: {"published_s", "state", "picture": {"rows", "columns", "low_c", "high_c"} or null}
    picture    rows x columns bytes, row by row: 0 no temperature, 1 low_c or colder ... 255 high_c or warmer
"""

import json
import math
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.core.contents import Verdict
from edge.core.geometry import Box


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
    """The last person: verdict, reason codes, reading in C with its standard uncertainty, and how long ago it was.

    name, class_name: as the roster has them; passage_uuid: of the record, None when the disk did not take it;
    refusal: why no guard may let them in now, a code of texts.ANSWERS, None: one who has signed in may; let_in_by: the
    guard who has.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    forehead_c: float | None
    age_s: float
    u_c: float | None = None
    name: str | None = None
    class_name: str | None = None
    passage_uuid: str | None = None
    refusal: str | None = "may_not_override"
    let_in_by: str | None = None


@dataclass(frozen=True, slots=True)
class RosterView:
    """The roster in force; age_h: hours since the county issued it, None while the clock is not known."""

    version: int
    people: int
    age_h: float | None


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case that keeps somebody out: whom was informed ("": the site shows no names), and the steps that may be taken
    now (contents.Step)."""

    case_id: str
    kind: str
    state: str
    opened_utc_ms: int
    name: str | None
    symptom: str | None
    contact_c: float | None
    passage_uuid: str | None
    next_steps: tuple[str, ...]
    informed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonView:
    """One of the last people: gravest reason alone; name, class_name: as far as the site shows them."""

    utc_ms: int
    verdict: Verdict
    reason: str
    forehead_c: float | None
    name: str | None
    class_name: str | None
    let_in_by: str | None


@dataclass(frozen=True, slots=True)
class QueueView:
    """A class whose entry window is open, or the next: minutes of the local day; how many of its members are in."""

    class_name: str
    earliest_min: int
    latest_min: int
    is_open: bool
    members: int
    inside: int


@dataclass(frozen=True, slots=True)
class ConditionView:
    """The gate itself. calibration_days: left, None: no calibration, or no clock to tell by.

    disk_free_mb: None: not to be had. county_age_s: since the county last took what was sent, None: not in this boot;
    county_zh, county_en: what stands against it, None: nothing. checked_utc_ms: of today's check at opening, None:
    there was none yet, or no clock to tell by; check_wrong: how many things it found wrong.
    """

    calibrated: bool = False
    calibration_days: int | None = None
    clock_ok: bool = False
    disk_free_mb: int | None = None
    has_county: bool = False
    county_age_s: float | None = None
    county_zh: str | None = None
    county_en: str | None = None
    checked_utc_ms: int | None = None
    check_wrong: int = 0


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One setting that will change: what it is called, what it is now, what it will be."""

    zh: str
    en: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class NoticeView:
    """New settings of the county that are shown and not in force yet; left_s: for how long at least."""

    version: int
    left_s: float
    changes: tuple[ChangeView, ...]


@dataclass(frozen=True, slots=True)
class SignedOffView:
    """Who signed the day off, when (ms since 1970 UTC), for how many people."""

    by: str
    utc_ms: int
    people: int


@dataclass(frozen=True, slots=True)
class ScreenState:
    """All that the guard's screen shows of one moment.

    frame_seq and t_s name the frame; status is that frame's (`ok`, `shutter`, `settling`, `no_reference`, `stale`,
    `invalid`) or `no_camera`; reference_state: with `no_reference`, why (texts.REFERENCES); faults are codes of
    texts.FAULTS, the gravest first; records are (written, acknowledged, set aside). alerts: codes of texts.EVENTS that
    are at the door now; ask: what whoever stands there should do (texts.ASKS); asked: whether this gate
    asks people who they are; inside: how many are in.
    utc_ms: the gate's wall clock, ms since 1970, from which a case's age is told; None: the page's own is used;
    timezone: the gate's, by its IANA name, in which every time of day is told; None: the page's own.
    passed, fever, refused, not_measured, let_in, cases_opened: of the local day; people: the last, the newest first;
    per_min: judged within the last minute; queue: classes whose time it is; signed_off: the last time this day was.
    warm_up_s: seconds until the camera can be believed, None: it can. notice: what the county will change.
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
    refused: int = 0
    alerts: tuple[str, ...] = ()
    ask: str | None = None
    asked: bool = False
    inside: int = 0
    crowd_c: float | None = None
    roster: RosterView | None = None
    cases: tuple[CaseView, ...] = ()
    utc_ms: int | None = None
    timezone: str | None = None
    let_in: int = 0
    cases_opened: int = 0
    people: tuple[PersonView, ...] = ()
    per_min: int = 0
    queue: tuple[QueueView, ...] = ()
    condition: ConditionView = ConditionView()
    signed_off: SignedOffView | None = None
    warm_up_s: float | None = None
    notice: NoticeView | None = None
    reference_state: str = "searching"


# From a cold doorway to beyond any fever: 0.106 C per step, about two of a Lepton's noise.
SCALE_LOW_C = 15.0
SCALE_HIGH_C = 42.0
_STEPS = 254
# Of each kind of view, found out once.
_NAMES: dict[type, tuple[str, ...]] = {}


def to_plain(state: ScreenState) -> dict[str, Any]:
    """The state as JSON can hold it: boxes as [x0, y0, x1, y1], records by name, numbers that are none as null."""
    plain: dict[str, Any] = _plain(state)
    written, acknowledged, set_aside = state.records
    plain["records"] = {
        "written": written,
        "waiting": max(0, written - acknowledged - set_aside),
        "set_aside": set_aside,
    }
    return plain


def to_steps(picture: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Steps of the fixed scale [rows, columns], 1 to 255, of temperatures in degrees Celsius; 0 where there is none."""
    steps = np.clip(picture, SCALE_LOW_C, SCALE_HIGH_C)
    steps -= SCALE_LOW_C
    steps *= _STEPS / (SCALE_HIGH_C - SCALE_LOW_C)
    np.rint(steps, out=steps)
    steps += 1.0
    known = np.isfinite(picture)
    if not known.all():
        steps[~known] = 0.0
    return steps.astype(np.uint8)


def message(state: ScreenState, picture: NDArray[np.float32] | None, published_s: float) -> bytes:
    """State and picture ([rows, columns], C) of one moment as one message; published_s: monotonic, of that moment."""
    about = None
    pixels = b""
    if picture is not None:
        rows, columns = picture.shape
        about = {"rows": rows, "columns": columns, "low_c": SCALE_LOW_C, "high_c": SCALE_HIGH_C}
        pixels = to_steps(picture).tobytes()
    plain = {"published_s": published_s, "state": to_plain(state), "picture": about}
    text = json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return len(text).to_bytes(4, "little") + text + pixels


def _plain(value: Any) -> Any:
    """Field by field: dataclasses.asdict copies everything first, which costs three times as much."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Box):
        return [value.x0, value.y0, value.x1, value.y1]
    kind = type(value)
    names = _NAMES.get(kind)
    if names is None:
        names = _NAMES[kind] = tuple(field.name for field in fields(value))
    return {name: _plain(getattr(value, name)) for name in names}
