"""What a technician's page is told: answers, files, and the live picture with every pixel's own value.

How a picture is laid out for the page (everything little-endian):

    4 bytes      length of the JSON text, unsigned
    JSON text    UTF-8, see `Look` (its pixels excepted)
    counts       rows x columns uint16, upright, as the sensor stores them
    corrected    rows x columns int16, upright: hundredths of a degree Celsius by which readings are made; NOTHING: none
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.core.frame import CENTIKELVIN_PER_KELVIN, ZERO_CELSIUS_K, Frame
from edge.core.geometry import Box, Rotation, upright

NOTHING = -32_768
# int16 hundredths end there.
_LOWEST_C, _HIGHEST_C = -327.0, 327.0


@dataclass(frozen=True, slots=True)
class TechAnswer:
    """told: the JSON of the answer. session: after a sign-in, its secret; ended: the session is over."""

    told: Mapping[str, Any]
    status: int = 200
    session: str | None = field(default=None, repr=False)
    ended: bool = False


@dataclass(frozen=True, slots=True)
class TechFile:
    """A file to download, whole."""

    name: str
    media_type: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Look:
    """One frame as the technician sees it. number: counts looks, from 1. corrected_c: upright, C, None: none is known.

    status: of the pipeline (texts.STATUSES); reference: where it is, upright pixels; reference_c: the camera's own
    claim of it; reference_state: why it is not trusted, if it is not (texts.REFERENCES); offset_k: what every pixel is
    corrected by.
    """

    frame: Frame
    rotation_deg: Rotation
    corrected_c: NDArray[np.float32] | None
    status: str
    reference: Box | None = None
    reference_c: float | None = None
    offset_k: float | None = None
    reference_state: str = "searching"
    number: int = 0


def encoded(look: Look) -> bytes:
    """The bytes of one look."""
    counts = np.ascontiguousarray(upright(look.frame.counts, look.rotation_deg), dtype="<u2")
    rows, columns = counts.shape
    told, box = look.frame.telemetry, look.reference
    text = json.dumps(
        {
            "number": look.number,
            "rows": rows,
            "columns": columns,
            "unit": look.frame.unit,
            "per_kelvin": CENTIKELVIN_PER_KELVIN,
            "zero_c_k": ZERO_CELSIUS_K,
            "seq": look.frame.seq,
            "t_s": round(look.frame.t_s, 3),
            "status": look.status,
            "reference": None if box is None else [box.x0, box.y0, box.x1, box.y1],
            "reference_c": look.reference_c,
            "reference_state": look.reference_state,
            "offset_k": look.offset_k,
            "shutter": told.shutter,
            "fpa_c": told.fpa_c,
            "frame_counter": told.frame_counter,
            "uptime_ms": told.uptime_ms,
            "last_ffc_ms": told.last_ffc_ms,
            "gain": told.gain,
            "serial": told.serial,
        }
    ).encode()
    return len(text).to_bytes(4, "little") + text + counts.tobytes() + _hundredths(look, rows, columns).tobytes()


def _hundredths(look: Look, rows: int, columns: int) -> NDArray[np.int16]:
    corrected_c = look.corrected_c
    if corrected_c is None or corrected_c.shape != (rows, columns):
        return np.full((rows, columns), NOTHING, dtype="<i2")
    known = np.isfinite(corrected_c)
    hundredths = np.rint(np.clip(np.where(known, corrected_c, 0.0), _LOWEST_C, _HIGHEST_C) * 100)
    return np.where(known, hundredths, NOTHING).astype("<i2")
