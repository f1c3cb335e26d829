"""The live picture as the technician's page reads it: every pixel's count, and its temperature where known."""

import json
from dataclasses import replace

import numpy as np
import pytest

from edge.core.frame import Frame, Telemetry
from edge.core.geometry import Box, Rotation
from edge.core.tech import NOTHING, Look, encoded

COUNTS = np.arange(30_000, 30_006, dtype=np.uint16).reshape(2, 3)
FRAME = Frame(COUNTS, 7, 1.25, telemetry=Telemetry(serial="L-1", fpa_c=31.5))


def decoded(body: bytes) -> tuple[dict[str, object], list[int], list[int]]:
    length = int.from_bytes(body[:4], "little")
    told = json.loads(body[4 : 4 + length])
    pixels = told["rows"] * told["columns"]
    counts = np.frombuffer(body, "<u2", pixels, 4 + length)
    corrected = np.frombuffer(body, "<i2", pixels, 4 + length + 2 * pixels)
    assert len(body) == 4 + length + 4 * pixels
    return told, counts.tolist(), corrected.tolist()


@pytest.mark.parametrize(
    ("rotation_deg", "shape", "upright"),
    [(0, (2, 3), [0, 1, 2, 3, 4, 5]), (90, (3, 2), [3, 0, 4, 1, 5, 2]), (180, (2, 3), [5, 4, 3, 2, 1, 0])],
)
def test_every_pixel_arrives_upright(rotation_deg: Rotation, shape: tuple[int, int], upright: list[int]) -> None:
    look = Look(FRAME, rotation_deg, None, "ok", Box(1, 2, 3, 4), 36.9, 0.1, "changed", 3)
    told, counts, corrected = decoded(encoded(look))
    assert (told["rows"], told["columns"]) == shape
    assert [count - 30_000 for count in counts] == upright
    assert set(corrected) == {NOTHING}
    assert told["reference_state"] == "changed"
    assert (told["number"], told["seq"], told["reference"]) == (3, 7, [1, 2, 3, 4])
    assert (told["serial"], told["fpa_c"], told["reference_c"], told["offset_k"]) == ("L-1", 31.5, 36.9, 0.1)


def test_temperatures_come_in_hundredths_and_what_is_unknown_says_so() -> None:
    known = np.array([[36.5, np.nan, -40.126], [5000.0, 20.004, np.inf]], dtype=np.float32)
    _, _, corrected = decoded(encoded(Look(FRAME, 0, known, "ok")))
    assert corrected == [3650, NOTHING, -4013, 32700, 2000, NOTHING]


def test_a_picture_of_another_shape_is_no_temperature_of_these_pixels() -> None:
    look = Look(FRAME, 0, np.zeros((3, 2), dtype=np.float32), "ok")
    assert set(decoded(encoded(look))[2]) == {NOTHING}
    assert set(decoded(encoded(replace(look, rotation_deg=90)))[2]) == {0}
