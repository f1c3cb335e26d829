"""The datasheet's words, one by one; flirpy decodes the first row too, and must agree where it is right."""

from typing import Any

import numpy as np
import pytest
from flirpy.camera.lepton import Lepton
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge.core.telemetry import decode

B, C = 80, 160


def rows(words: dict[int, int]) -> NDArray[np.uint16]:
    flat = np.zeros(320, dtype=np.uint16)
    for place, word in words.items():
        flat[place] = word
    return flat.reshape(2, 160)


@pytest.mark.parametrize(
    ("status", "shutter"),
    [(0b00, "unknown"), (0b01, "imminent"), (0b10, "closed"), (0b11, "open")],
)
def test_the_shutter_is_in_status_bits_4_and_5(status: int, shutter: str) -> None:
    assert decode(rows({3: status << 4 | 0b1000})).shutter == shutter


def test_a_hot_sensor_is_not_negative() -> None:
    telemetry = decode(rows({24: 33_000, 29: 32_900}))

    assert telemetry.fpa_c == pytest.approx(330.0 - 273.15)
    assert telemetry.fpa_at_ffc_c == pytest.approx(329.0 - 273.15)


def test_rows_b_and_c_tell_emissivity_gain_and_tlinear() -> None:
    telemetry = decode(rows({B + 19: 8_028, C + 5: 0, C + 48: 1, C + 49: 1}))

    assert telemetry.emissivity == pytest.approx(0.98, abs=1e-4)
    assert (telemetry.gain, telemetry.tlinear) == ("high", True)


@pytest.mark.parametrize(("mode", "in_effect", "gain"), [(0, 0, "high"), (1, 1, "low"), (2, 0, "auto"), (2, 1, "low")])
def test_automatic_gain_is_low_when_it_is_low_now(mode: int, in_effect: int, gain: str) -> None:
    assert decode(rows({C + 5: mode, C + 6: in_effect, C + 48: 1})).gain == gain


@pytest.mark.parametrize(
    "words",
    [
        pytest.param({C + 48: 0, C + 49: 1}, id="TLinear off"),
        pytest.param({C + 48: 1, C + 49: 0}, id="at 0.1 K"),
        pytest.param({C + 48: 1, C + 49: 1, 3: 1 << 12}, id="AGC on"),
    ],
)
def test_counts_are_centikelvin_only_with_tlinear_at_10_mk_without_agc(words: dict[int, int]) -> None:
    assert decode(rows(words)).tlinear is False


def test_firmware_without_row_c_tells_neither_gain_nor_tlinear() -> None:
    telemetry = decode(rows({1: 5_000, 24: 30_715}))

    assert (telemetry.gain, telemetry.tlinear, telemetry.emissivity) == ("unknown", None, None)
    assert telemetry.fpa_at_ffc_c is None


@given(st.lists(st.integers(0, 65_535), min_size=320, max_size=320))
def test_any_words_decode_and_flirpy_agrees_on_row_a(words: list[int]) -> None:
    array = np.array(words, dtype=np.uint16).reshape(2, 160)
    telemetry = decode(array)
    flirpy: Any = Lepton()
    flirpy.decode_telemetry(array)

    assert telemetry.uptime_ms == flirpy.uptime_ms
    assert telemetry.frame_counter == flirpy.frame_count
    assert telemetry.last_ffc_ms == flirpy.ffc_elapsed_ms
    # flirpy reads the temperature signed.
    assert round(((telemetry.fpa_c or -273.15) + 273.15) * 100) == round(flirpy.fpa_temp_k * 100) % 65_536
    assert telemetry.shutter == ("unknown", "imminent", "closed", "open")[flirpy.status >> 4 & 3]


@pytest.mark.parametrize("array", [np.zeros((2, 80), np.uint16), np.zeros((2, 160), np.uint8)])
def test_other_shapes_and_types_are_refused(array: NDArray[Any]) -> None:
    with pytest.raises(ValueError, match="telemetry is uint16"):
        decode(array)
