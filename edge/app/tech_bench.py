"""What the technician's pages work with, and how an answer of theirs is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from edge.app.config import Config
from edge.app.tech_calibration import TechCalibration
from edge.app.tech_clip import TechClip
from edge.app.tech_lines import TechLines
from edge.app.tech_log import TechLog
from edge.app.tech_picture import TechPicture
from edge.app.tech_sessions import TechSessions
from edge.app.tech_settings import TechSettings
from edge.core.errors import ConfigError
from edge.core.frame import CameraInfo
from edge.core.geometry import Rotation
from edge.core.tech import TechFile
from edge.core.texts import Text

Told = Mapping[str, Any]
Kinds = type | tuple[type, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """What one command does: its fields with their types, and who asks comes first. poll: it is no act of anybody."""

    do: Callable[..., Told]
    fields: Mapping[str, Kinds] = field(default_factory=dict)
    poll: bool = False


@dataclass(frozen=True, slots=True)
class Bench:
    """What the pages work with. settings: None when the gate runs without a file; restart: None: nobody starts it."""

    config: Config
    camera: CameraInfo
    rotation_deg: Rotation
    sessions: TechSessions
    lines: TechLines
    picture: TechPicture
    log: TechLog
    calibration: TechCalibration
    clip: TechClip
    settings: TechSettings | None = None
    restart: Callable[[], None] | None = None
    files: Mapping[str, Callable[[], TechFile | None]] = field(default_factory=dict)
    charts: Callable[[], Told] = dict
    doctor: Callable[[], Told] = dict


def said(text: Text) -> dict[str, str]:
    """A text in both languages, for the page to choose from."""
    return {"zh": text.zh, "en": text.en}


def refused(zh: str, en: str) -> ConfigError:
    """What was asked for cannot be done as it was asked for."""
    return ConfigError(zh, en)


def is_a(value: Any, kinds: Kinds) -> bool:
    """Whether a value of JSON is of this type; true and false are no numbers."""
    if isinstance(value, bool):
        return kinds is bool
    return isinstance(value, kinds)
