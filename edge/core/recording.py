"""What a recording holds, and when it is none: the .npz format that the gate plays and writes (docs/recordings.md).

An archive of arrays: `frames` uint16 [frames, rows, columns], `time_s` (seconds, rising), `attrs` (JSON text), and a
column of telemetry for each quantity that the camera told with every frame. Files are read and written elsewhere.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast, get_args

import numpy as np
from numpy.typing import NDArray

from edge.core.errors import RecordingError
from edge.core.frame import CameraInfo, Gain, PixelUnit, Shutter, Telemetry
from edge.core.geometry import Box, Rotation

FRAMES = "frames"
TIME_S = "time_s"
ATTRS = "attrs"

# Of the frames alone. One hour of a Lepton is 1.2 GB; more than this is a mistake or made to fill the memory.
MAX_BYTES = 2 * 1024**3
MAX_ATTRS_CHARACTERS = 250_000
SMALLEST_SIDE_PX, LARGEST_SIDE_PX = 8, 2_048

# Column of the file, field of Telemetry, type in the file. time_on_ms and last_ffc_ms are the names that the
# recordings of other makers use too; the rest is ours.
_NUMBERS: tuple[tuple[str, str, type[np.generic]], ...] = (
    ("time_on_ms", "uptime_ms", np.uint32),
    ("last_ffc_ms", "last_ffc_ms", np.uint32),
    ("frame_counter", "frame_counter", np.uint32),
    ("fpa_c", "fpa_c", np.float64),
    ("fpa_at_ffc_c", "fpa_at_ffc_c", np.float64),
    ("emissivity", "emissivity", np.float64),
)
# The place of a word is its code in the file: add new ones at the end.
_SHUTTERS: tuple[Shutter, ...] = ("unknown", "open", "imminent", "closed")
_GAINS: tuple[Gain, ...] = ("unknown", "high", "low", "auto")
_TLINEAR: tuple[bool | None, ...] = (None, False, True)
_CODES: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
    ("shutter", "shutter", _SHUTTERS),
    ("gain", "gain", _GAINS),
    ("tlinear", "tlinear", _TLINEAR),
)
COLUMNS = tuple(column for column, *_ in (*_NUMBERS, *_CODES))

_TURNED = re.compile(r"rotate the stored frame (\d+) degrees clockwise")
_AS_STORED = "upright as stored"


def refused(name: str, zh: str, en: str) -> RecordingError:
    """The error for a recording called `name`; the texts say what is wrong and what to do."""
    return RecordingError(f"录像 {name} 无法播放：{zh}", f"recording {name} cannot be played: {en}")


def check_frames(shape: tuple[int, ...], dtype: np.dtype[Any], name: str) -> tuple[int, int, int]:
    """(frames, rows, columns) of a `frames` array of that shape and type. RecordingError when it can be none."""
    if dtype.itemsize == 1:
        raise refused(name, "画面是 8 位的，没有温度；请录制 16 位画面", "8-bit frames; record 16-bit ones instead")
    if dtype != np.dtype(np.uint16) or len(shape) != 3:
        raise refused(
            name,
            f"画面应为 uint16 [帧, 行, 列]，实为 {dtype} {list(shape)}；请重新导出",
            f"frames must be uint16 [frames, rows, columns], not {dtype} {list(shape)}; export it again",
        )
    count, rows, columns = shape
    if count < 1:
        raise refused(name, "一帧也没有；请重新录制", "not a single frame; record it again")
    if not all(SMALLEST_SIDE_PX <= side_px <= LARGEST_SIDE_PX for side_px in (rows, columns)):
        raise refused(
            name,
            f"画面大小 {rows}×{columns} 不是热像仪的；请重新导出",
            f"{rows} x {columns} pixels is no thermal camera's picture; export it again",
        )
    if math.prod(shape) * 2 > MAX_BYTES:
        size_bytes = math.prod(shape) * 2
        raise refused(
            name,
            f"画面解压后有 {size_bytes / 1e9:.1f} GB（上限 2 GB）；请分段录制",
            f"its frames unpack to {size_bytes / 1e9:.1f} GB (at most 2); record it in parts",
        )
    return count, rows, columns


def check_times(time_s: NDArray[Any], count: int, name: str) -> NDArray[np.float64]:
    """The times of `count` frames, in seconds. RecordingError unless there is one each, finite and rising."""
    if time_s.shape != (count,) or time_s.dtype.kind not in "fiu":
        raise refused(
            name,
            f"time_s 应有 {count} 个数，实为 {time_s.dtype} {list(time_s.shape)}；请重新导出",
            f"time_s must be {count} numbers, not {time_s.dtype} {list(time_s.shape)}; export it again",
        )
    times_s = time_s.astype(np.float64)
    # Written so that NaN fails too: it is neither finite nor above its neighbour.
    if not (np.isfinite(times_s).all() and (np.diff(times_s) > 0).all()):
        raise refused(
            name, "time_s 必须逐帧递增且不含 NaN；请重新导出", "time_s must rise from frame to frame; export it again"
        )
    return times_s


def telemetry_from(arrays: Mapping[str, NDArray[Any]], count: int, name: str) -> tuple[Telemetry, ...]:
    """The telemetry of each of `count` frames, from the columns that are there. RecordingError for a misfit."""
    fields: dict[str, list[Any]] = {}
    for column, field, dtype in _NUMBERS:
        if column in arrays:
            kinds = "ui" if np.issubdtype(dtype, np.integer) else "fui"
            fields[field] = _checked(arrays[column], column, kinds, count, name).tolist()
    for column, field, words in _CODES:
        if column in arrays:
            codes = _checked(arrays[column], column, "u", count, name)
            # A code from a later version of the format is not known here.
            fields[field] = [words[code] if code < len(words) else words[0] for code in codes.tolist()]
    if not fields:
        return (Telemetry(),) * count
    return tuple(Telemetry(**{field: values[n] for field, values in fields.items()}) for n in range(count))


def columns_of(telemetry: Sequence[Telemetry]) -> dict[str, NDArray[Any]]:
    """The columns to write. A quantity that was not told with every frame gets no column."""
    arrays: dict[str, NDArray[Any]] = {}
    for column, field, dtype in _NUMBERS:
        values = [getattr(one, field) for one in telemetry]
        if None not in values:
            arrays[column] = np.array(values, dtype=dtype)
    for column, field, words in _CODES:
        codes = np.array([words.index(getattr(one, field)) for one in telemetry], dtype=np.uint8)
        if codes.any():
            arrays[column] = codes
    return arrays


def info_from(attrs: str, rows: int, columns: int, name: str) -> CameraInfo:
    """What `attrs` (JSON) says of the camera and its mounting. RecordingError when it makes no sense."""
    plain = _attrs(attrs, name)
    unit = plain.get("pixel_unit")
    if unit not in get_args(PixelUnit):
        raise _attr("pixel_unit", unit, " | ".join(get_args(PixelUnit)), name)
    return CameraInfo(
        name=name,
        rows=rows,
        columns=columns,
        unit=cast(PixelUnit, unit),
        rotation_deg=_rotation(plain, name),
        reference_box=_box(plain.get("reference_box"), rows, columns, name),
        reference_temperature_c=_reference_c(plain.get("reference_temperature_c"), name),
    )


def attrs_of(info: CameraInfo, extra: Mapping[str, object]) -> str:
    """The JSON text for a recording of this camera; `extra` adds what else is worth knowing, and never overrules."""
    box = info.reference_box
    known: dict[str, object] = {
        "camera_model": info.name,
        "pixel_unit": info.unit,
        "reference_box": None if box is None else [box.x0, box.y0, box.x1, box.y1],
        "reference_temperature_c": info.reference_temperature_c,
    }
    if info.rotation_deg is not None:
        turn = f"upright = rotate the stored frame {info.rotation_deg} degrees clockwise"
        known |= {"rotation_deg": info.rotation_deg, "orientation": turn if info.rotation_deg else _AS_STORED}
    return json.dumps({**extra, **known}, ensure_ascii=False, allow_nan=False, sort_keys=True)


def _attrs(text: str, name: str) -> dict[str, Any]:
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise refused(name, f"attrs 不是 JSON（{error}）；请重新导出", f"attrs is no JSON ({error})") from error
    if not isinstance(plain, dict):
        raise refused(name, "attrs 不是 JSON 对象；请重新导出", "attrs is no JSON object; export it again")
    return plain


def _rotation(plain: dict[str, Any], name: str) -> Rotation | None:
    turn: Any = plain.get("rotation_deg")
    text = plain.get("orientation")
    if turn is None and isinstance(text, str):
        turned = _TURNED.search(text)
        turn = int(turned.group(1)) if turned else 0 if _AS_STORED in text else None
    if turn is None:
        return None
    if isinstance(turn, bool) or turn not in get_args(Rotation):
        raise _attr("rotation_deg", turn, "0 | 90 | 180 | 270", name)
    return cast(Rotation, int(turn))


def _box(value: Any, rows: int, columns: int, name: str) -> Box | None:
    if value is None:
        return None
    if isinstance(value, list) and len(value) == 4 and all(_is_number(v) for v in value):
        x0, y0, x1, y1 = value
        if 0 <= x0 < x1 <= columns and 0 <= y0 < y1 <= rows:
            return Box(x0, y0, x1, y1)
    raise _attr("reference_box", value, f"[x0, y0, x1, y1] in {columns} x {rows} px", name)


def _reference_c(value: Any, name: str) -> float | None:
    if value is None:
        return None
    if not _is_number(value) or not 0 <= value <= 100:
        raise _attr("reference_temperature_c", value, "0 … 100", name)
    return float(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _attr(key: str, value: Any, expected: str, name: str) -> RecordingError:
    shown = repr(value)[:60]
    return refused(
        name, f"attrs 的 {key} 应为 {expected}，实为 {shown}；请更正", f"attrs: {key} must be {expected}, not {shown}"
    )


def _checked(values: NDArray[Any], column: str, kinds: str, count: int, name: str) -> NDArray[Any]:
    if values.shape != (count,) or values.dtype.kind not in kinds:
        raise refused(
            name,
            f"{column} 应有 {count} 个数，实为 {values.dtype} {list(values.shape)}；请重新导出",
            f"{column} must be {count} numbers, not {values.dtype} {list(values.shape)}; export it again",
        )
    return values
