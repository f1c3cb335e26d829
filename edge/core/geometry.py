"""Boxes, and the turn between the stored frame and the upright picture.

The camera may be mounted on its side. Everything after the camera works on the upright picture;
boxes are turned back to sensor pixels only where they leave the house (events, recordings, configuration).
"""

from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

Rotation = Literal[0, 90, 180, 270]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels; x1 and y1 are exclusive, coordinates may be fractions."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width_px(self) -> float:
        return self.x1 - self.x0

    @property
    def height_px(self) -> float:
        return self.y1 - self.y0

    @property
    def area_px(self) -> float:
        return max(0.0, self.width_px) * max(0.0, self.height_px)

    @property
    def centre(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    def overlap_px(self, other: "Box") -> float:
        """Area in common, in square pixels."""
        width = min(self.x1, other.x1) - max(self.x0, other.x0)
        height = min(self.y1, other.y1) - max(self.y0, other.y0)
        return width * height if width > 0 and height > 0 else 0.0

    def iou(self, other: "Box") -> float:
        """Intersection over union, 0 to 1."""
        common = self.overlap_px(other)
        union = self.area_px + other.area_px - common
        return common / union if union > 0 else 0.0

    def grown(self, share: float) -> "Box":
        """Larger by this share of its width and height on every side."""
        across_px, down_px = share * self.width_px, share * self.height_px
        return Box(self.x0 - across_px, self.y0 - down_px, self.x1 + across_px, self.y1 + down_px)

    def clipped(self, width_px: int, height_px: int) -> "Box":
        """The part inside a picture of that size."""
        return Box(
            min(max(self.x0, 0.0), width_px),
            min(max(self.y0, 0.0), height_px),
            min(max(self.x1, 0.0), width_px),
            min(max(self.y1, 0.0), height_px),
        )

    def crop(self, picture: NDArray[Any]) -> NDArray[Any]:
        """The whole pixels of the picture [rows, columns] that lie inside the box (a view; may be empty)."""
        x0, y0 = max(0, int(np.ceil(self.x0))), max(0, int(np.ceil(self.y0)))
        x1, y1 = max(x0, int(np.floor(self.x1))), max(y0, int(np.floor(self.y1)))
        return picture[y0:y1, x0:x1]


def upright(stored: NDArray[Any], rotation_deg: Rotation) -> NDArray[Any]:
    """Turn a stored frame [rows, columns] clockwise by the mounting's angle, so that people stand upright (a view)."""
    return np.rot90(stored, -(rotation_deg // 90))


def to_sensor(box: Box, rotation_deg: Rotation, upright_width_px: int, upright_height_px: int) -> Box:
    """A box of the upright picture, in the pixels of the stored frame."""
    w, h = upright_width_px, upright_height_px
    if rotation_deg == 0:
        return box
    if rotation_deg == 90:
        return Box(box.y0, w - box.x1, box.y1, w - box.x0)
    if rotation_deg == 180:
        return Box(w - box.x1, h - box.y1, w - box.x0, h - box.y0)
    return Box(h - box.y1, box.x0, h - box.y0, box.x1)


def to_upright(box: Box, rotation_deg: Rotation, stored_width_px: int, stored_height_px: int) -> Box:
    """A box of the stored frame, in the pixels of the upright picture."""
    return to_sensor(box, cast(Rotation, (360 - rotation_deg) % 360), stored_width_px, stored_height_px)
