"""The Lepton's telemetry rows -> what the sensor says about itself.

Source: FLIR Lepton Engineering Datasheet 500-0659-00-09 rev 203, section 3.4, tables 2 and 3. Three rows A, B, C of
80 words follow a picture of 160 x 120 as two lines of 160: A and B in the first, C in the second.

row, word   what                                              used as
A 1-2       time since power-on, ms, low word first           uptime_ms
A 3-4       status bits: 4-5 FFC state, 12 AGC on             shutter, tlinear
A 5-12      serial number of the module, 16 bytes             serial
A 20-21     frame counter, low word first                     frame_counter
A 24        FPA temperature, kelvin x 100                     fpa_c
A 29        FPA temperature at the last FFC, kelvin x 100     fpa_at_ffc_c
A 30-31     A 1-2 at the last FFC                             last_ffc_ms
B 19        emissivity that the camera assumes, x 8192        emissivity
C 5, C 6    gain mode (0 high, 1 low, 2 auto), in effect      gain
C 48, C 49  TLinear on; its resolution (0: 0.1 K, 1: 0.01 K)  tlinear
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.core.frame import CENTIKELVIN_PER_KELVIN, ZERO_CELSIUS_K, Gain, Shutter, Telemetry

LINES, LINE_WORDS, ROW_WORDS = 2, 160, 80
_B, _C = ROW_WORDS, 2 * ROW_WORDS
# The shutter stands open before the first FFC too, but nothing was corrected yet: 00 is no state to measure in.
_SHUTTERS: tuple[Shutter, ...] = ("unknown", "imminent", "closed", "open")
_AGC_BIT = 12
_EMISSIVITY_ONE = 8_192


def decode(rows: NDArray[np.uint16]) -> Telemetry:
    """The telemetry in these rows, uint16 [2, 160].

    Temperatures are unsigned (a hot sensor's would be negative otherwise). gain "auto" means automatic and high
    at this moment. tlinear is true when the counts are centikelvin: TLinear on, at 0.01 K, without AGC. Firmware
    that leaves row C empty tells neither: gain is "unknown", tlinear None. ValueError: another shape or type.
    """
    if rows.shape != (LINES, LINE_WORDS) or rows.dtype != np.uint16:
        raise ValueError(f"telemetry is uint16 [2, 160], not {rows.dtype} {list(rows.shape)}")
    words = rows.reshape(-1).tolist()
    status = _double(words, 3)
    has_row_c = any(words[_C : _C + ROW_WORDS])
    return Telemetry(
        uptime_ms=_double(words, 1),
        last_ffc_ms=_double(words, 30),
        frame_counter=_double(words, 20),
        shutter=_SHUTTERS[status >> 4 & 0b11],
        fpa_c=_celsius(words[24]),
        fpa_at_ffc_c=_celsius(words[29]),
        gain=_gain(words[_C + 5], words[_C + 6]) if has_row_c else "unknown",
        tlinear=(words[_C + 48 : _C + 50] == [1, 1] and not status >> _AGC_BIT & 1) if has_row_c else None,
        emissivity=words[_B + 19] / _EMISSIVITY_ONE or None,
        serial=_serial(words[5:13]),
    )


def _double(words: list[Any], at: int) -> int:
    return int(words[at] | words[at + 1] << 16)


def _serial(words: list[int]) -> str | None:
    """As hexadecimal digits, word by word in the order sent; None: the words were not filled."""
    return "".join(f"{word:04x}" for word in words) if any(words) else None


def _celsius(centikelvin: int) -> float | None:
    # Nothing is at 0 K: the word was not filled.
    return centikelvin / CENTIKELVIN_PER_KELVIN - ZERO_CELSIUS_K if centikelvin else None


def _gain(mode: int, in_effect: int) -> Gain:
    if mode == 1 or (mode == 2 and in_effect == 1):
        return "low"
    return "high" if mode == 0 else "auto" if mode == 2 else "unknown"
