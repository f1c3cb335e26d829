"""Drawn people: heads of every size, heat and dress, from the front, turned, and from behind, with their exact truth.

They widen what few recorded people show (hair, temperatures, yaw, backs of heads as counter-examples); the recordings
remain the measure. Temperatures are relative: 0 is the background, 1 is skin.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.core.geometry import Box
from training.dataset import Face
from training.occluders import pattern

Picture = NDArray[np.float32]
Draw = np.random.Generator


@dataclass(frozen=True, slots=True)
class Canvas:
    """Head coordinates of every pixel: u -1..1 from ear to ear, v -1..1 from crown to chin; soft_px per unit of u."""

    u: Picture
    v: Picture
    half_width_px: float

    def ellipse(self, u: float, v: float, wide: float, high: float) -> Picture:
        """1 inside, 0 outside, with an edge of about one pixel."""
        distance = np.sqrt(((self.u - u) / wide) ** 2 + ((self.v - v) / high) ** 2)
        return np.clip((1 - distance) * min(wide, high) * self.half_width_px + 0.5, 0, 1)

    def below(self, v: float | Picture) -> Picture:
        return np.clip((self.v - v) * self.half_width_px + 0.5, 0, 1)


def _canvas(rows: int, columns: int, x: float, y: float, width_px: float, height_px: float, roll_deg: float) -> Canvas:
    down, across = np.mgrid[0:rows, 0:columns].astype(np.float32) + 0.5
    cos, sin = np.cos(np.radians(roll_deg)), np.sin(np.radians(roll_deg))
    dx, dy = across - x, down - y
    return Canvas((dx * cos + dy * sin) * (2 / width_px), (-dx * sin + dy * cos) * (2 / height_px), width_px / 2)


def _lay(picture: Picture, shape: Picture, level: float | Picture) -> None:
    picture += shape * (level - picture)


def backdrop(draw: Draw, rows: int, columns: int) -> Picture:
    """A wall with a few doors, edges and gradients around 0."""
    rough = draw.normal(0, 0.05, (int(draw.integers(2, 8)), int(draw.integers(2, 6)))).astype(np.float32)
    picture = cv2.resize(rough, (columns, rows), interpolation=cv2.INTER_CUBIC)
    for _ in range(int(draw.integers(0, 4))):
        x, y = int(draw.integers(-20, columns)), int(draw.integers(-40, rows))
        cv2.rectangle(
            picture, (x, y), (x + int(draw.integers(8, 90)), y + int(draw.integers(8, 160))), draw.normal(0, 0.15), -1
        )
    return cv2.GaussianBlur(picture, (0, 0), float(draw.uniform(0.5, 2.0))).astype(np.float32)


def people(draw: Draw, rows: int, columns: int) -> tuple[Picture, tuple[Face, ...]]:
    """A picture [rows, columns] with none to three drawn people who do not hide each other's faces."""
    picture = backdrop(draw, rows, columns)
    faces: list[Face] = []
    taken: list[Box] = []
    for _ in range(int(draw.choice((1, 1, 1, 2, 2, 3)))):
        width = float(np.exp(draw.uniform(np.log(12), np.log(62))))
        height = width * float(draw.uniform(1.3, 1.65))  # crown to chin; the face box begins at the hairline
        x, y = float(draw.uniform(0, columns)), float(draw.uniform(0.15 * height, rows - 0.2 * height))
        around = Box(x - 1.35 * width, y - height, x + 1.35 * width, rows + height)  # the trunk goes on downwards
        if any(around.overlap_px(other) > 0 for other in taken):
            continue
        taken.append(around)
        face = _person(draw, picture, x, y, width, height)
        if face is not None:
            faces.append(face)
    return picture, tuple(faces)


def _person(draw: Draw, picture: Picture, x: float, y: float, width: float, height: float) -> Face | None:
    rows, columns = picture.shape
    roll = float(draw.normal(0, 7))
    head = _canvas(rows, columns, x, y, width, height, roll)
    # One in four has come in from the cold: hardly warmer than the wall, colder than the clothes.
    skin = float(draw.uniform(0.8, 1.15)) if draw.random() < 0.75 else float(draw.uniform(0.0, 0.7))
    _body(draw, picture, _canvas(rows, columns, x, y, width, height, 0.3 * roll), skin)
    hair = float(np.clip(skin - abs(draw.normal(0.35, 0.2)), -0.4, skin - 0.05))
    long_hair = draw.random() < 0.3
    if long_hair:
        _lay(picture, head.ellipse(0, 0.35, 1.3, float(draw.uniform(1.2, 1.7))), hair)
    _lay(picture, head.ellipse(0, -0.12, 1.06, 1.0), hair)
    what = draw.random()
    if what < 0.25:
        _back_of_head(draw, picture, head, skin)
        return None
    if what < 0.4:
        side = 1.0 if draw.random() < 0.5 else -1.0
        box = _profile(draw, picture, head, skin, side)
        place = _placing(x, y, width, height, roll)
        return Face(place(*box[0]), place(*box[1]) if width > 20 else None, frozenset({"profile"}), False, False)
    yaw = float(np.clip(draw.normal(0, 0.22), -0.6, 0.6))
    bald = draw.random() < 0.15
    line = -0.93 if bald else float(draw.uniform(-0.8, -0.42))  # hairline
    _face(draw, picture, head, skin, yaw, line)
    return _truth(_placing(x, y, width, height, roll), width, yaw, line)


def _body(draw: Draw, picture: Picture, head: Canvas, skin: float) -> None:
    clothes = float(draw.uniform(0.05, 0.85))
    wide, high = float(draw.uniform(1.7, 2.6)), float(draw.uniform(2.5, 2.95))
    shoulders = head.ellipse(float(draw.normal(0, 0.1)), high, wide, 1.3)
    trunk = head.below(high) * np.clip((wide - np.abs(head.u)) * head.half_width_px, 0, 1)
    body = np.maximum(shoulders, trunk.astype(np.float32))
    _lay(picture, body, clothes)
    if draw.random() < 0.5:
        picture[:] = pattern(draw, picture, body, 2 * head.half_width_px, 1.0)
    if draw.random() < 0.7:
        _lay(picture, head.ellipse(0, 1.1, float(draw.uniform(0.5, 0.7)), 0.75), skin * float(draw.uniform(0.9, 1.05)))
    if draw.random() < 0.3:
        _lay(
            picture, head.ellipse(0, float(draw.uniform(1.5, 1.8)), 0.95, 0.5), clothes * float(draw.uniform(0.6, 1.2))
        )


def _back_of_head(draw: Draw, picture: Picture, head: Canvas, skin: float) -> None:
    """Hair or bald skin without any feature, ears at the sides: no face."""
    if draw.random() < 0.35:
        _lay(picture, head.ellipse(0, -0.05, 1.0, 1.0), skin * float(draw.uniform(0.85, 1.0)))
    for side in (-1.0, 1.0):
        _lay(picture, head.ellipse(side * 0.98, 0.1, 0.14, 0.24), skin * float(draw.uniform(0.6, 1.0)))
    if draw.random() < 0.5:
        _lay(picture, head.ellipse(0, 0.85, 0.6, 0.35), skin)


def _face(draw: Draw, picture: Picture, head: Canvas, skin: float, yaw: float, line: float) -> None:
    """Skin below the hairline with its cold nose, warm eye corners, brows, mouth, beard, ears, glasses."""
    shift = yaw * 0.9
    oval = head.ellipse(0, 0, 1.0, 1.0) * head.below(line + draw.uniform(-0.1, 0.25) * (head.u - shift) ** 2)
    side = np.clip(1 - (np.abs(head.u - shift * 0.7) - 0.75) * 3, 0, 1) if abs(yaw) > 0.25 else 1.0
    edge = skin - draw.uniform(0.0, 0.3) * np.clip(head.u**2 * 0.6 + head.v**2 * 0.3, 0, 1)
    _lay(picture, (oval * side).astype(np.float32), edge.astype(np.float32))
    for ear in (-1.0, 1.0):
        if ear * yaw < 0.3:
            _lay(picture, head.ellipse(ear * 0.98, 0.08, 0.12, 0.22), skin - float(draw.uniform(0.0, 0.5)))
    cold = float(draw.uniform(0.05, 0.6))
    _lay(picture, 0.8 * head.ellipse(shift, 0.28, 0.2, 0.26), skin - cold)
    _lay(picture, 0.5 * head.ellipse(shift - 0.5, 0.35, 0.3, 0.28), skin - cold * float(draw.uniform(0, 0.8)))
    _lay(picture, 0.5 * head.ellipse(shift + 0.5, 0.35, 0.3, 0.28), skin - cold * float(draw.uniform(0, 0.8)))
    for eye in (-1.0, 1.0):
        _lay(picture, 0.5 * head.ellipse(shift + 0.42 * eye, -0.2, 0.25, 0.05), skin - float(draw.uniform(0.05, 0.3)))
        _lay(picture, 0.7 * head.ellipse(shift + 0.22 * eye, -0.05, 0.11, 0.08), skin + float(draw.uniform(0.0, 0.12)))
    _lay(picture, 0.6 * head.ellipse(shift, 0.62, 0.3, 0.06), skin + float(draw.uniform(-0.15, 0.12)))
    if draw.random() < 0.25:
        beard = head.below(0.45 + 0.1 * (head.u - shift) ** 2) * head.ellipse(0, 0, 0.98, 1.0)
        _lay(picture, (beard * 0.8).astype(np.float32), skin - float(draw.uniform(0.1, 0.5)))
    if draw.random() < 0.5:
        glass, half = skin - float(draw.uniform(0.2, 1.1)), float(draw.uniform(0.12, 0.3))
        drop = half - 0.2
        for eye in (-1.0, 1.0):
            _lay(picture, head.ellipse(shift + 0.46 * eye, drop, 0.42, half), glass)
        _lay(picture, head.ellipse(shift, drop - 0.4 * half, 0.4, 0.06), glass)


def _profile(
    draw: Draw, picture: Picture, head: Canvas, skin: float, side: float
) -> tuple[tuple[float, float, float, float], tuple[float, float, float, float]]:
    """A head seen from its side, facing right (side 1) or left (-1): its box and its forehead in head coordinates."""
    turned = Canvas(head.u * np.float32(side), head.v, head.half_width_px)
    line, ear = float(draw.uniform(-0.8, -0.5)), float(draw.uniform(-0.3, 0.1))
    front = np.clip((turned.u - ear) * head.half_width_px, 0, 1) * turned.ellipse(0.05, 0.05, 1.0, 0.97)
    _lay(picture, (front * turned.below(line)).astype(np.float32), skin)
    cold = skin - float(draw.uniform(0.05, 0.5))
    _lay(picture, turned.ellipse(1.0, 0.28, 0.2, 0.17), cold)
    _lay(picture, 0.6 * turned.ellipse(0.55, 0.35, 0.3, 0.28), (skin + cold) / 2)
    _lay(picture, 0.8 * turned.ellipse(0.75, -0.08, 0.12, 0.09), skin + float(draw.uniform(-0.3, 0.1)))
    _lay(picture, turned.ellipse(ear, 0.1, 0.16, 0.25), skin - float(draw.uniform(-0.1, 0.5)))
    if draw.random() < 0.4:
        _lay(picture, turned.ellipse(0.72, -0.05, 0.3, 0.16), skin - float(draw.uniform(0.2, 1.0)))
    low, high = sorted((side * ear, side * 1.15))
    brow_low, brow_high = sorted((side * 0.45, side * 0.9))
    return (low, line, high, 1.0), (brow_low, line + 0.08, brow_high, -0.28)


def _placing(x: float, y: float, width: float, height: float, roll_deg: float) -> Callable[..., Box]:
    """From head coordinates u0, v0, u1, v1 to the upright box around the turned ellipse."""
    cos, sin = np.cos(np.radians(roll_deg)), np.sin(np.radians(roll_deg))

    def place(u0: float, v0: float, u1: float, v1: float) -> Box:
        du, dv = (u0 + u1) / 2 * width / 2, (v0 + v1) / 2 * height / 2
        cx, cy = x + du * cos - dv * sin, y + du * sin + dv * cos
        a, b = (u1 - u0) / 2 * width / 2, (v1 - v0) / 2 * height / 2
        half_w, half_h = float(np.hypot(a * cos, b * sin)), float(np.hypot(a * sin, b * cos))
        return Box(cx - half_w, cy - half_h, cx + half_w, cy + half_h)

    return place


def _truth(place: Callable[..., Box], width: float, yaw: float, line: float) -> Face:
    """The box from hairline to chin, ear to ear; the forehead from above the brow to the hairline."""
    wide = 1.0 if abs(yaw) < 0.25 else 0.9
    box = place(-wide + max(0.0, yaw - 0.25), line, wide + min(0.0, yaw + 0.25), 1.0)
    low, shift, side = -0.27, yaw * 0.8, 0.68 * (1 - 0.3 * abs(yaw))
    forehead = place(max(-0.9, shift - side), line + 0.06, min(0.9, shift + side), low)
    bare = forehead.height_px >= 2.5 and low - line > 0.2
    turned = abs(yaw) > 0.33
    tags = frozenset({"turned"} if turned else {"frontal"})
    return Face(box, forehead if bare else None, tags, bare and not turned and width >= 18, False)
