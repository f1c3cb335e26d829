"""Configuration + what the camera tells -> the pipeline's settings; the site's word comes first."""

from dataclasses import replace

from edge.app.config import Config
from edge.core.errors import ConfigError
from edge.core.frame import CameraInfo
from edge.core.geometry import to_upright
from edge.core.pipeline import Settings
from edge.core.profile import Profile
from edge.core.radiometry import Budget, Skin, apparent_c

# Without a word from site or recording: what fever-screening references are commonly set to.
DEFAULT_REFERENCE_C = 37.0


def pipeline_settings(config: Config, info: CameraInfo, profile: Profile | None = None) -> Settings:
    """Settings for this camera; temperatures in C, boxes upright. ConfigError: the region is not in the frame."""
    rotation_deg = config.camera.rotation_deg
    if rotation_deg is None:
        rotation_deg = info.rotation_deg or 0
    given, hint = config.reference.box, info.reference_box
    if given is not None and (given.x1 > info.columns or given.y1 > info.rows):
        raise ConfigError(
            f"reference.region 超出画面：{info.name} 的画面为 {info.columns} x {info.rows} 像素（旋转前）；请改写",
            f"reference.region lies outside the frame: {info.name} stores {info.columns} x {info.rows} px "
            "(before any rotation); change it",
        )
    skin = Skin(config.skin.emissivity, config.skin.reflected_c)
    return Settings(
        camera=info,
        rotation_deg=rotation_deg,
        reference_c=reference_c(config, info),
        reference_region=None if given is None else to_upright(given, rotation_deg, info.columns, info.rows),
        reference_hint=None if hint is None else to_upright(hint, rotation_deg, info.columns, info.rows),
        settling_s=config.camera.settling_s,
        warm_up_s=config.camera.warm_up_s,
        policy=config.policy,
        skin=skin,
        budget=replace(Budget(), reference_k=config.reference.standard_uncertainty_k),
        profile=profile,
    )


def reference_c(config: Config, info: CameraInfo) -> float:
    """The apparent temperature of the reference: W(T'_bb) = e W(T_bb) + (1 - e) W(T_refl)."""
    true_c = config.reference.temperature_c
    if true_c is None:
        true_c = info.reference_temperature_c
    if true_c is None:
        true_c = DEFAULT_REFERENCE_C
    reflected_c = config.skin.reflected_c
    if config.reference.emissivity == 1.0 or reflected_c is None:
        return true_c
    return apparent_c(true_c, reflected_c, config.reference.emissivity)
