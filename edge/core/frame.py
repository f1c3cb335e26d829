"""What a camera delivers: a frame with its counts and telemetry, or the reason why there is none."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from edge.core.geometry import Box, Rotation

Counts = NDArray[np.uint16]
PixelUnit = Literal["centikelvin", "raw_counts"]
Shutter = Literal["unknown", "open", "imminent", "closed"]
Gain = Literal["unknown", "high", "low", "auto"]
NoFrameReason = Literal[
    "not_connected",
    "no_permission",
    "stalled",
    "malformed",
    "eight_bit",
    "repeated",
    "not_radiometric",
    "low_gain",
    "ended",
]

CENTIKELVIN_PER_KELVIN = 100.0
ZERO_CELSIUS_K = 273.15
# A scene with people lies between -40 and 150 C. The sensor's raw 14-bit counts (at most 16,383) and a
# TLinear resolution of 0.1 K both lie below it, so that a wrong camera mode shows in the counts alone.
LOWEST_CENTIKELVIN = 23_315
HIGHEST_CENTIKELVIN = 42_315
# An emissivity that differs from 1 by less is 1, rounded (a Lepton counts it in steps of 1 / 8192).
EMISSIVITY_STEP = 0.001


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What the sensor says about itself with a frame. None: the source does not tell.

    Times are on the sensor's own clock (milliseconds since power-on), temperatures in degrees Celsius; serial: which
    sensor this is, A-Z a-z 0-9 and hyphens.
    """

    uptime_ms: int | None = None
    last_ffc_ms: int | None = None
    frame_counter: int | None = None
    shutter: Shutter = "unknown"
    fpa_c: float | None = None
    fpa_at_ffc_c: float | None = None
    gain: Gain = "unknown"
    tlinear: bool | None = None
    emissivity: float | None = None
    serial: str | None = None

    @property
    def corrects_itself(self) -> bool:
        """Whether the camera corrects for an emissivity below 1, which readings are corrected for already."""
        return self.emissivity is not None and abs(self.emissivity - 1.0) > EMISSIVITY_STEP


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture as the sensor stores it.

    counts: uint16 [rows, columns], not turned; in centikelvin (T = counts / 100 - 273.15 C, FLIR Lepton
    datasheet, TLinear) or raw counts without a temperature.
    seq: position in the stream, from 0, without the frames that were lost.
    t_s: when it was taken, in seconds of the monotonic clock (of the recording, when replayed).
    """

    counts: Counts
    seq: int
    t_s: float
    unit: PixelUnit = "centikelvin"
    telemetry: Telemetry = Telemetry()


@dataclass(frozen=True, slots=True)
class NoFrame:
    """Why `Camera.read` brings no frame this time. `detail` is for the log, not for the guard."""

    reason: NoFrameReason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """What is known of a source before its first frame. None: the source does not tell.

    rows, columns: size of a stored frame; rotation_deg: clockwise turn that makes people upright;
    reference_box: in pixels of the stored frame; reference_temperature_c: the reference's true temperature.
    """

    name: str
    rows: int
    columns: int
    unit: PixelUnit = "centikelvin"
    rotation_deg: Rotation | None = None
    reference_box: Box | None = None
    reference_temperature_c: float | None = None


def celsius(frame: Frame) -> NDArray[np.float32]:
    """Temperatures [rows, columns] in degrees Celsius as the camera claims them; raw counts stay raw (float32)."""
    if frame.unit == "raw_counts":
        return frame.counts.astype(np.float32)
    return frame.counts.astype(np.float32) / np.float32(CENTIKELVIN_PER_KELVIN) - np.float32(ZERO_CELSIUS_K)


def refusal(counts: NDArray[np.generic], unit: PixelUnit, rows: int, columns: int) -> NoFrame | None:
    """Why this array cannot be a radiometric picture of a rows x columns sensor; None when it can."""
    if counts.ndim != 2 or counts.shape != (rows, columns):
        return NoFrame("malformed", f"shape {counts.shape}, expected ({rows}, {columns})")
    if counts.dtype != np.uint16:
        reason: NoFrameReason = "eight_bit" if counts.dtype.itemsize == 1 else "malformed"
        return NoFrame(reason, f"dtype {counts.dtype}, expected uint16")
    highest = int(counts.max())
    if highest < 256:
        return NoFrame("eight_bit", f"highest count {highest}: 8-bit values in 16-bit pixels")
    if unit == "centikelvin":
        # Every fourth pixel in both directions tells it as well, at an eighth of the cost.
        some = counts[::4, ::4]
        middle = int(np.partition(some, some.size // 2, axis=None)[some.size // 2])
        if not LOWEST_CENTIKELVIN <= middle <= HIGHEST_CENTIKELVIN:
            return NoFrame("not_radiometric", f"median count {middle} is no centikelvin value of a room")
    return None
