"""What the site decides: thresholds and times, each with its unit in its name, refused when they make no sense."""

from dataclasses import dataclass

from edge.core.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Policy:
    """When a reading is a fever, when it is no reading, and when a person stands in the zone.

    fever_forehead_c: skin temperature of the forehead from which on the verdict is `fever` (34 to 40 C).
    fever_face_max_c: of the face's warmest spot, likewise; either is an alarm (34 to 43 C; 43: no alarm of its own).
    too_cold_c: below it a forehead is not believed and the person is `not_measured` (25 C up to the threshold).
    usable_frames: readings of one person that a verdict needs (1 to 30); of a slower camera those of the same time.
    min_face_width_px: from this width on a face stands in the zone (8 to 200); narrower ones are only passing by.
    lost_after_s: a person who was not surely seen for so long has left (0.2 to 10 s).
    hold_s: how long the verdict stays on lamp and screen, a fever's from when the person has left (0.5 to 30 s).
    """

    fever_forehead_c: float = 35.9
    fever_face_max_c: float = 36.3
    too_cold_c: float = 33.0
    usable_frames: int = 4
    min_face_width_px: float = 20.0
    lost_after_s: float = 1.0
    hold_s: float = 3.0

    def __post_init__(self) -> None:
        within("fever_forehead_c", self.fever_forehead_c, 34.0, 40.0, "C")
        within("fever_face_max_c", self.fever_face_max_c, 34.0, 43.0, "C")
        within("too_cold_c", self.too_cold_c, 25.0, self.fever_forehead_c, "C")
        within("usable_frames", self.usable_frames, 1, 30, "")
        within("min_face_width_px", self.min_face_width_px, 8.0, 200.0, "px")
        within("lost_after_s", self.lost_after_s, 0.2, 10.0, "s")
        within("hold_s", self.hold_s, 0.5, 30.0, "s")


def within(name: str, value: float, low: float, high: float, unit: str) -> None:
    """ConfigError, by name and with what to choose, unless low <= value <= high."""
    # Not "value < low or value > high": that lets NaN through.
    if not low <= value <= high:
        span = f"{low:g} … {high:g} {unit}".rstrip()
        raise ConfigError(
            f"{name} = {value:g} 超出范围；请取 {span}", f"{name} = {value:g} is out of range; choose {span}"
        )
