"""What one person looks like to a thermal camera: layers of temperature, painted from the body to the glasses.

Coordinates are face widths from the middle of the hairline: x to the right, y down; the chin is at 1.35 (the
recordings' median height over width), brows at 0.43, eyes at 0.54, the nose's tip at 0.8. Cheeks and nose are colder
than the forehead, the inner corners of the eyes and the neck warmer; hair, glasses and cloth lie between skin and room.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.adapters.camera_sim.people import CHILD_FACE_M, FACE_M, FOCAL_PX, Person, Pose
from edge.core.geometry import Box
from edge.core.radiometry import apparent_c

Field = NDArray[np.float32]

CHIN = 1.35
BROW = 0.40
SKIN_EMISSIVITY = 0.98
# Bare forehead above the brows, and what a fringe or a brim leaves of it.
FOREHEAD = Box(-0.34, 0.07, 0.34, BROW - 0.01)
UNDER_FRINGE_Y, UNDER_BRIM_Y = 0.24, 0.34
# Less of a forehead than this (in heights of pixels) is covered.
LEAST_FOREHEAD_PX = 3.0


@dataclass(frozen=True, slots=True)
class Placed:
    """A face in an upright picture: middle of its hairline and its width, in pixels."""

    x_px: float
    y_px: float
    width_px: float

    def box(self, part: Box) -> Box:
        """A part given in face widths, in pixels."""
        w = self.width_px
        return Box(self.x_px + part.x0 * w, self.y_px + part.y0 * w, self.x_px + part.x1 * w, self.y_px + part.y1 * w)


def place(who: Person, at: Pose, rows: int, columns: int, focal_scale: float) -> Placed:
    """Where a pose puts the face in an upright picture [rows, columns] of focal_scale times a Lepton's pixels."""
    px_per_m = FOCAL_PX * focal_scale / at.distance_m
    width_px = (CHILD_FACE_M if who.child else FACE_M) * px_per_m
    x_px = columns / 2 + at.right_m * px_per_m
    middle_y_px = 0.42 * rows - at.up_m * px_per_m
    return Placed(x_px, middle_y_px - 0.5 * CHIN * width_px, width_px)


def face_box(placed: Placed, turn: float) -> Box:
    """Hairline to chin, ear to ear; a turned face is narrower."""
    half = 0.5 - 0.1 * abs(turn)
    middle = 0.12 * turn
    return placed.box(Box(middle - half, 0.0, middle + half, CHIN))


def forehead_box(who: Person, placed: Placed, turn: float) -> Box | None:
    """The bare forehead; None when it is covered, turned away or too small."""
    top = FOREHEAD.y0
    if "fringe" in who.attire:
        top = UNDER_FRINGE_Y + 0.03
    if "hat" in who.attire:
        top = UNDER_BRIM_Y + 0.02
    shift = 0.25 * turn
    bare = placed.box(Box(FOREHEAD.x0 + shift, top, FOREHEAD.x1 + shift, FOREHEAD.y1))
    return None if bare.height_px < LEAST_FOREHEAD_PX or abs(turn) > 0.5 else bare


def paint(picture: Field, who: Person, placed: Placed, turn: float, room_c: float, t_s: float) -> None:
    """Paint a person over an upright picture of apparent temperatures (C), in place."""
    canvas = _Canvas(picture, placed)
    if canvas.empty:
        return
    skin_c = apparent_c(who.forehead_c, room_c, SKIN_EMISSIVITY)

    def between(share: float) -> float:
        return room_c + share * (skin_c - room_c)

    _paint_body(canvas, who, skin_c, between)
    _paint_hair(canvas, who, skin_c, between, turn)
    _paint_skin(canvas, who, skin_c, turn)
    _paint_attire(canvas, who, between, turn, t_s)


class _Canvas:
    """The part of a picture around one person, with coordinates in face widths and soft-edged shapes."""

    def __init__(self, picture: Field, placed: Placed) -> None:
        rows, columns = picture.shape
        reach = placed.box(Box(-1.9, -0.8, 1.9, 30.0)).clipped(columns, rows)
        self._patch = reach.crop(picture)
        x0, y0 = np.ceil(reach.x0), np.ceil(reach.y0)
        height_px, width_px = self._patch.shape
        self._width_px = placed.width_px
        self.x: Field = ((x0 + np.arange(width_px) + 0.5 - placed.x_px) / placed.width_px).astype(np.float32)[None, :]
        self.y: Field = ((y0 + np.arange(height_px) + 0.5 - placed.y_px) / placed.width_px).astype(np.float32)[:, None]

    @property
    def empty(self) -> bool:
        return self._patch.size == 0

    def below(self, over: NDArray[Any]) -> Field:
        """1 where the signed distance `over` (face widths) is positive, with an edge one pixel wide."""
        edge: Field = np.clip(over * self._width_px + 0.5, 0.0, 1.0).astype(np.float32)
        return edge

    def inside_ellipse(self, cx: float, cy: float, rx: float, ry: float) -> Field:
        radius = np.sqrt(((self.x - cx) / rx) ** 2 + ((self.y - cy) / ry) ** 2)
        return self.below((1.0 - radius) * min(rx, ry))

    def inside_box(self, x0: float, y0: float, x1: float, y1: float, corner: float) -> Field:
        dx = np.abs(self.x - (x0 + x1) / 2) - (x1 - x0) / 2 + corner
        dy = np.abs(self.y - (y0 + y1) / 2) - (y1 - y0) / 2 + corner
        outside = np.sqrt(np.maximum(dx, 0.0) ** 2 + np.maximum(dy, 0.0) ** 2) + np.minimum(np.maximum(dx, dy), 0.0)
        return self.below(corner - outside)

    def spot(self, cx: float, cy: float, sx: float, sy: float) -> Field:
        bump: Field = np.exp(-0.5 * (((self.x - cx) / sx) ** 2 + ((self.y - cy) / sy) ** 2))
        return bump

    def blend(self, mask: NDArray[Any], temperature_c: NDArray[Any] | float) -> None:
        self._patch += mask * (temperature_c - self._patch)


def _paint_body(canvas: _Canvas, who: Person, skin_c: float, between: Callable[[float], float]) -> None:
    x, y, look = canvas.x, canvas.y, who.look
    if look.long_hair:
        canvas.blend(canvas.inside_ellipse(0.0, 0.75, 0.62, 0.95), between(0.9 * who.hair_share))
    # The neck widens into the shoulders; their slope ends in arms that hang down.
    neck = canvas.below(0.31 + 0.5 * np.clip(y - 1.42, 0.0, 0.4) ** 2 - np.abs(x)) * canvas.below(y - 0.9)
    slope = 1.52 + 0.34 * np.clip(np.abs(x) - 0.3, 0.0, None) + 0.5 * np.clip(np.abs(x) - 0.85, 0.0, None) ** 2
    trunk = canvas.below(look.shoulders + 0.12 * np.clip(y - 1.9, 0.0, 1.0) - np.abs(x))
    canvas.blend(neck, skin_c + 0.2 - 0.5 * np.clip(np.abs(x) / 0.33, 0.0, 1.2) ** 4)
    cloth = canvas.below(y - slope) * trunk
    canvas.blend(cloth, between(who.cloth_share) + _folds(canvas, who))
    # Skin in the open neck, and the jacket's warmer inside around it.
    opened = 1.5 + look.collar - 1.7 * np.abs(x)
    if look.collar > 0.3:
        canvas.blend(cloth * canvas.below(opened + 0.3 - y), between(look.lapel_share))
    canvas.blend(cloth * canvas.below(opened - y), skin_c - 0.2)
    canvas.blend(cloth * canvas.below(0.04 - np.abs(opened - y)), between(0.75 * who.cloth_share))


def _folds(canvas: _Canvas, who: Person) -> Field:
    """Cloth lies on the warm chest and hangs free elsewhere: uneven by about a kelvin, in slow waves."""
    a, b, slow, fast = who.look.waves
    x, y = canvas.x, canvas.y
    wide = np.sin(slow * x + 0.9 * y + a) * np.sin(0.8 * slow * y + b)
    fine = np.sin(fast * x - 0.35 * fast * y + 2.0 * np.sin(1.3 * y + a))
    chest = np.exp(-((np.abs(x) - 0.6) ** 2) * 4.0 - (y - 2.4) ** 2)
    folds: Field = (0.5 * wide + 0.25 * fine + 0.8 * chest).astype(np.float32)
    return folds


def _paint_hair(canvas: _Canvas, who: Person, skin_c: float, between: Callable[[float], float], turn: float) -> None:
    crown = who.look.crown
    # Hair is thinnest, and therefore warmest, at its rim against the skin.
    head = canvas.inside_ellipse(-0.1 * turn, 0.48, 0.53 + 0.1 * crown, 0.48 + crown)
    texture = 0.35 * np.sin(13.0 * canvas.x + who.phase + 3.0 * canvas.y) * np.sin(9.0 * canvas.y + who.look.waves[1])
    canvas.blend(head, between(who.hair_share) + texture + 2.0 * np.clip(canvas.y + 0.05, 0.0, 0.5))
    for side in (-1, 1):
        if side * turn < 0.4 and not who.look.long_hair:
            canvas.blend(canvas.inside_ellipse(side * 0.51, 0.66, 0.055, 0.15), skin_c - 1.3)


def _paint_skin(canvas: _Canvas, who: Person, skin_c: float, turn: float) -> None:
    shift = 0.25 * turn
    x, y = canvas.x - shift, canvas.y
    lower = np.clip((y - BROW) / 0.25, 0.0, 1.0)
    pattern = who.cheek_k * lower * (0.5 + 2.0 * np.minimum(np.abs(x), 0.5))
    pattern = pattern + 0.06 * np.sin(9.0 * x + who.phase) * np.cos(11.0 * y)
    pattern = pattern + who.nose_k * (
        canvas.spot(shift, 0.79, 0.085, 0.07) + 0.45 * canvas.spot(shift, 0.66, 0.05, 0.1)
    )
    for side in (-1, 1):
        pattern = pattern - 0.7 * canvas.spot(shift + side * 0.23, 0.445, 0.12, 0.02)
        pattern = pattern + 0.7 * canvas.spot(shift + side * 0.21, 0.565, 0.1, 0.055)
        pattern = pattern + 0.9 * canvas.spot(shift + side * 0.09, 0.57, 0.04, 0.045)
        pattern = pattern - 0.5 * canvas.spot(shift + side * 0.27, 0.575, 0.06, 0.02)
    pattern = pattern + 0.5 * canvas.spot(shift, 1.05, 0.15, 0.045) - 0.5 * canvas.spot(shift, 1.06, 0.15, 0.012)
    rim = -0.8 * np.clip(np.abs(canvas.x) / 0.5, 0.0, 1.0) ** 6
    # Uneven by two slow waves, so that no hairline is drawn with a ruler; it never reaches into the bare forehead.
    ragged = 0.012 * np.sin(17.0 * canvas.x + who.phase) + 0.008 * np.sin(31.0 * canvas.x + who.look.waves[0])
    hairline = 0.01 + ragged + who.look.temples * np.abs(canvas.x) ** 2.5
    face = canvas.inside_ellipse(0.06 * turn, 0.56, 0.5, 0.79) * canvas.below(y - hairline)
    canvas.blend(face, skin_c + pattern + rim)
    if who.look.beard_share is not None:
        jaw = canvas.inside_ellipse(shift, 0.93, 0.46, 0.44) * canvas.below(y - 0.86 - 0.15 * np.cos(6.0 * x))
        lips = canvas.inside_ellipse(shift, 1.05, 0.13, 0.05)
        canvas.blend(0.9 * jaw * (1.0 - lips), skin_c - 10.0 * (1.0 - who.look.beard_share))


def _paint_attire(canvas: _Canvas, who: Person, between: Callable[[float], float], turn: float, t_s: float) -> None:
    shift = 0.2 * turn
    if "fringe" in who.attire:
        locks = 0.02 * np.sin(11.0 * canvas.x + who.phase) + 0.015 * np.sin(27.0 * canvas.x + who.look.waves[1])
        cover = canvas.inside_ellipse(0.0, 0.5, 0.5, 0.6) * canvas.below(UNDER_FRINGE_Y - 0.01 + locks - canvas.y)
        canvas.blend(0.9 * cover, between(who.hair_share + 0.1))
    if "hat" in who.attire:
        canvas.blend(canvas.inside_box(-0.56, -0.5, 0.56, 0.24, 0.35), between(0.3))
        canvas.blend(canvas.inside_box(-0.62, 0.2, 0.62, UNDER_BRIM_Y, 0.07), between(0.2))
    if "glasses" in who.attire and abs(turn) < 0.8:
        for side in (-1, 1):
            middle = side * 0.235 + shift
            canvas.blend(canvas.inside_box(middle - 0.185, 0.46, middle + 0.185, 0.7, 0.11), between(0.25))
            canvas.blend(canvas.inside_box(side * 0.45 - 0.06, 0.5, side * 0.45 + 0.06, 0.54, 0.02), between(0.5))
        canvas.blend(canvas.inside_box(shift - 0.08, 0.5, shift + 0.08, 0.54, 0.02), between(0.4))
    if "mask" in who.attire:
        breath_k = 0.8 * np.sin(1.6 * t_s + who.phase)
        cover = canvas.inside_ellipse(turn * 0.15, 0.72, 0.47, 0.66) * canvas.below(canvas.y - 0.74)
        cooler = 0.8 * np.sin(7.0 * canvas.y) * np.clip(np.abs(canvas.x) * 2, 0, 1)
        canvas.blend(cover, between(0.72) + breath_k - cooler)
