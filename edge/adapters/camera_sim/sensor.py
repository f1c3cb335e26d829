"""What a Lepton makes of a scene: blur, noise, patterns, drift, shutter events, counts.

Every constant was measured on 85 recordings of seven Lepton 3.5 (11,829 frames, firmware 3.3.26, indoors); where the
measurement includes the scene, about half of it is taken as the sensor's.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]

INTERVAL_S = 0.11406
BLUR_SIGMA_PX = 0.7
# Chosen so that what was measured comes out: over 25 detrended frames 25.7 mK a pixel, 9.6 mK the means of rows,
# 14.8 mK of columns, 11.9 mK of the whole frame; 15.5 to 16.5 mK a pixel from frame to frame.
PIXEL_NOISE_K, ROW_NOISE_K, COLUMN_NOISE_K, COMMON_NOISE_K = 0.020, 0.0125, 0.0195, 0.012
LAG_1 = 0.78
FIXED_PIXEL_K, FIXED_ROW_K, FIXED_COLUMN_K, FIRST_COLUMN_K = 0.035, 0.0142, 0.0153, 0.13
CORNER_GLOW_K = 0.3
# The reading of the reference within one recording: 46 mK around a slope of 0.27 K/min (median).
WANDER_K, WANDER_S = 0.035, 8.0
SLOPE_K, SLOPE_PERIOD_S = 0.30, 420.0
QUANTUM_COUNTS = 2
SHUTTER_GAP_S = 2.0
# The telemetry's time of a shutter event lies inside the gap: the first frame after it is 0.91 s older.
FIRST_FRAME_AFTER_FFC_S = 0.91
# The first frame is 0.49-0.74 K higher; then 0.46-0.91 K more within 1-4 s; then a fall of 4 K/min (after 5-15 s) and
# 1.4-1.9 K/min (18-50 s) that ends after a minute, and forgets itself before the next event.
STEP_K, RISE_K, RISE_S = 0.55, 0.97, 0.7
FALLS = ((0.3, 6.0), (2.8, 30.0))
FORGOTTEN_S = 150.0
# For 1.5 s the frames are restless (50-140 mK from one to the next) and a few single pixels glow for 2 s.
RESTLESS_K, RESTLESS_S = 0.06, 1.5
HOT_PIXELS, HOT_K, HOT_S = 6, 0.8, 2.0
# Datasheet: an event is announced about 2 s ahead.
ANNOUNCED_S = 2.0
FPA_C = 31.0


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with one sensor: offset_k added to all it sees, gain on differences to 30 C, and shutter times.

    ffc_period_s: seconds between shutter events; first_ffc_s: scene time of the first (negative: before the start).
    """

    offset_k: float = -1.5
    gain: float = 1.0
    ffc_period_s: float = 570.0
    first_ffc_s: float = -300.0


@dataclass(frozen=True, slots=True)
class Shutter:
    """The last shutter event before a moment. began_s: the stream stops; ffc_s: what telemetry calls its time."""

    began_s: float
    ffc_s: float
    closed: bool
    imminent: bool


class Sensor:
    """One sensor with its own fixed pattern and its noise, seeded; frames must be asked for in order of time."""

    def __init__(self, seed: int, rows: int, columns: int, faults: Faults) -> None:
        self._rng = np.random.default_rng((seed, 0x5E))
        self._faults = faults
        self._shape = rows, columns
        self._fixed = self._pattern()
        self._pixel = self._rng.normal(0, PIXEL_NOISE_K, self._shape).astype(np.float32)
        self._row = self._rng.normal(0, ROW_NOISE_K, (rows, 1))
        self._column = self._rng.normal(0, COLUMN_NOISE_K, (1, columns))
        self._common = float(self._rng.normal(0, COMMON_NOISE_K))
        self._wander_k = float(self._rng.normal(0, WANDER_K))
        self._slope_phase = float(self._rng.uniform(0, 2 * math.pi))
        self._hot = self._rng.integers(0, rows * columns, HOT_PIXELS)

    def shutter(self, t_s: float) -> Shutter:
        """The shutter at t_s (scene seconds)."""
        period_s = self._faults.ffc_period_s
        began_s = self._faults.first_ffc_s + math.floor((t_s - self._faults.first_ffc_s) / period_s) * period_s
        return Shutter(
            began_s=began_s,
            ffc_s=began_s + SHUTTER_GAP_S - FIRST_FRAME_AFTER_FFC_S,
            closed=t_s - began_s < SHUTTER_GAP_S,
            imminent=t_s > began_s + period_s - ANNOUNCED_S,
        )

    def counts(self, stored_c: Field, t_s: float) -> NDArray[np.uint16]:
        """Centikelvin of a stored picture (apparent C) at t_s."""
        blurred = cv2.GaussianBlur(stored_c, (0, 0), BLUR_SIGMA_PX, borderType=cv2.BORDER_REPLICATE)
        seen_c = 30.0 + self._faults.gain * (blurred - 30.0) + self._fixed + self._noise() + self._level_k(t_s)
        seen_c = seen_c + self._restless_k(t_s - self.shutter(t_s).began_s - SHUTTER_GAP_S)
        quanta = np.rint((seen_c + 273.15) * (100.0 / QUANTUM_COUNTS))
        counts: NDArray[np.uint16] = np.clip(quanta * QUANTUM_COUNTS, 0, 65_535).astype(np.uint16)
        return counts

    def fpa_c(self, t_s: float) -> float:
        """Temperature of the focal plane at t_s, in C."""
        return FPA_C + 0.4 * math.sin(2 * math.pi * t_s / SLOPE_PERIOD_S + self._slope_phase)

    def _pattern(self) -> Field:
        rows, columns = self._shape
        fixed = self._rng.normal(0, FIXED_PIXEL_K, self._shape)
        fixed = fixed + self._rng.normal(0, FIXED_ROW_K, (rows, 1)) + self._rng.normal(0, FIXED_COLUMN_K, (1, columns))
        fixed[:, 0] += FIRST_COLUMN_K
        y, x = np.mgrid[:rows, :columns]
        corner = ((2 * x / columns - 1) ** 2 + (2 * y / rows - 1) ** 2) / 2
        pattern: Field = (fixed + CORNER_GLOW_K * corner**3).astype(np.float32)
        return pattern

    def _noise(self) -> Field:
        new = math.sqrt(1 - LAG_1**2)
        rows, columns = self._shape
        fresh = self._rng.standard_normal(self._shape, dtype=np.float32)
        self._pixel = np.float32(LAG_1) * self._pixel + np.float32(new * PIXEL_NOISE_K) * fresh
        self._row = LAG_1 * self._row + new * self._rng.normal(0, ROW_NOISE_K, (rows, 1))
        self._column = LAG_1 * self._column + new * self._rng.normal(0, COLUMN_NOISE_K, (1, columns))
        self._common = LAG_1 * self._common + new * float(self._rng.normal(0, COMMON_NOISE_K))
        noise: Field = (self._pixel + self._row + self._column + self._common).astype(np.float32)
        return noise

    def _level_k(self, t_s: float) -> float:
        keep = math.exp(-INTERVAL_S / WANDER_S)
        self._wander_k = keep * self._wander_k + math.sqrt(1 - keep**2) * float(self._rng.normal(0, WANDER_K))
        slow_k = SLOPE_K * math.sin(2 * math.pi * t_s / SLOPE_PERIOD_S + self._slope_phase)
        return (
            self._faults.offset_k
            + slow_k
            + self._wander_k
            + after_shutter_k(t_s - self.shutter(t_s).began_s - SHUTTER_GAP_S)
        )

    def _restless_k(self, since_s: float) -> Field | float:
        """What the first seconds after a shutter event add to single pixels, since_s after the stream came back."""
        if not 0.0 <= since_s < HOT_S:
            return 0.0
        extra: Field = np.zeros(self._shape, np.float32)
        extra.flat[self._hot] = HOT_K
        if since_s < RESTLESS_S:
            extra += np.float32(RESTLESS_K) * self._rng.standard_normal(self._shape, dtype=np.float32)
        return extra


def after_shutter_k(since_s: float) -> float:
    """How much warmer everything reads since_s after the stream came back, in kelvin; nearly 0 before the next event.

    The shape is a fit to the three events of the recordings; nothing is known of it beyond 70 s.
    """
    since_s = max(0.0, since_s)
    fall_k = sum(k * (1 - math.exp(-since_s / tau_s)) for k, tau_s in FALLS)
    return math.exp(-since_s / FORGOTTEN_S) * (STEP_K + RISE_K * (1 - math.exp(-since_s / RISE_S)) - fall_k)
