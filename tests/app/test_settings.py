"""Configuration and camera -> the pipeline's settings: what the site wrote comes before what a recording says."""

import pytest

from edge.app.config import Config
from edge.app.settings import DEFAULT_REFERENCE_C, pipeline_settings
from edge.core.errors import ConfigError
from edge.core.frame import CameraInfo
from edge.core.geometry import Box
from edge.core.radiometry import apparent_c

TOLD = CameraInfo(
    "rec", 120, 160, rotation_deg=90, reference_box=Box(127, 87, 139, 100), reference_temperature_c=35.8
)  # fmt: skip
SILENT = CameraInfo("rec", 120, 160)


def config(**sections: object) -> Config:
    return Config.model_validate({"camera": {"kind": "sim", **sections.pop("camera", {})}, **sections})  # type: ignore[dict-item]  # sections are tables


def test_what_a_recording_says_is_believed() -> None:
    settings = pipeline_settings(config(), TOLD)
    assert settings.rotation_deg == 90
    assert settings.reference_c == 35.8
    assert settings.reference_region is None
    assert settings.reference_hint == Box(20, 127, 33, 139)


def test_what_the_site_wrote_comes_first() -> None:
    written = config(camera={"rotation_deg": 180}, reference={"temperature_c": 36.5, "region": [10, 20, 24, 34]})
    settings = pipeline_settings(written, TOLD)
    assert settings.rotation_deg == 180
    assert settings.reference_c == 36.5
    assert settings.reference_region == Box(136, 86, 150, 100)


def test_without_a_word_the_defaults_hold() -> None:
    settings = pipeline_settings(config(), SILENT)
    assert (settings.rotation_deg, settings.reference_c) == (0, DEFAULT_REFERENCE_C)
    assert (settings.reference_region, settings.reference_hint) == (None, None)


def test_a_reference_that_mirrors_the_room_is_believed_less_than_its_setting() -> None:
    mirroring = config(reference={"temperature_c": 37.0, "emissivity": 0.95}, skin={"reflected_c": 22.0})
    assert pipeline_settings(mirroring, SILENT).reference_c == pytest.approx(apparent_c(37.0, 22.0, 0.95))


def test_a_region_outside_the_frame_is_refused() -> None:
    with pytest.raises(ConfigError, match="outside the frame"):
        pipeline_settings(config(camera={}, reference={"region": [100, 100, 114, 114]}), CameraInfo("small", 100, 100))
