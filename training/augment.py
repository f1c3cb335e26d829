"""Makes a training picture out of annotated ones: what a gate may meet and a few hundred frames do not show.

Every draw comes from the generator that is handed in: same seed, same pictures.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.core.geometry import Box
from training.dataset import Face, Sample
from training.occluders import USUAL, Wardrobe, clothes, cover, from_behind, hot_things
from training.synthetic import people

Picture = NDArray[np.float32]
Draw = np.random.Generator
# Rows and columns -> a scene of that size, and its faces.
Drawn = Callable[[Draw, int, int], tuple[Picture, tuple[Face, ...]]]
ROWS, COLUMNS = 160, 128  # the network's canvas for a picture of 160 x 120
SMALLEST_FACE_PX = 9.0
DRAWN = 0.22  # share of scenes with drawn people
# Of the others, those begun from a frame with a face; of the rest, from one in which somebody shows none.
FACED, FACELESS = 0.76, 0.6
SHOWS_NO_FACE = ("back_of_head", "blurred_head", "body_edge", "head_down", "occluded_head")
# Of two pictures laid together: a face of which less than this share is seen is left open, or is none.
WHOLE, HARDLY = 0.9, 0.1


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture [160, 128] with its faces and the regions of which nothing is known.

    frame: the part of it that the sensor sees; the network is shown zeros around it.
    """

    picture: Picture
    faces: tuple[Face, ...]
    ignore: tuple[Box, ...]
    frame: Box = Box(0, 0, COLUMNS, ROWS)


def scene(
    draw: Draw,
    with_faces: list[Sample],
    without: list[Sample],
    wardrobe: Wardrobe = USUAL,
    drawn: Drawn = people,
) -> Scene:
    """One training picture: mostly a face frame, moved, covered, mixed with another, warmed or cooled, made noisy.

    drawn: makes the scenes that are not of a frame, of so many rows and columns.
    """
    if draw.random() < DRAWN:
        made = clipped(Scene(*drawn(draw, ROWS, COLUMNS), ()))
    else:
        source = with_faces if draw.random() < FACED or not without else without
        if source is without and draw.random() < FACELESS:
            source = [one for one in without if one.category in SHOWS_NO_FACE] or without
        made = _moved(draw, source[draw.integers(len(source))], without)
    if draw.random() < 0.25:
        other = with_faces[draw.integers(len(with_faces))]
        made = _joined(draw, made, _moved(draw, other, without))
    made = replace(made, picture=clothes(draw, made.picture, made.faces))
    if wardrobe.behind > 0:
        picture, faces = from_behind(draw, made.picture, made.faces, wardrobe.behind)
        made = replace(made, picture=picture, faces=faces)
    made = cover(draw, made.picture, made.faces, made.ignore, Scene, wardrobe)
    if draw.random() < 0.5:
        made = replace(made, picture=hot_things(draw, made.picture, made.faces))
    if draw.random() < 0.3:
        made = replace(made, picture=_other_background(draw, made.picture))
    return _framed(draw, replace(made, picture=_sensor(draw, made.picture)))


def _framed(draw: Draw, made: Scene) -> Scene:
    """What the sensor sees of the canvas: a Lepton's picture leaves a margin, on which the network is shown zeros."""
    kind = draw.random()
    wide, high = (COLUMNS - 8, ROWS) if kind < 0.6 else (COLUMNS, ROWS - 8) if kind < 0.75 else (COLUMNS, ROWS)
    left, top = (COLUMNS - wide) // 2, (ROWS - high) // 2
    return clipped(replace(made, frame=Box(left, top, left + wide, top + high)))


def unit_scale(picture: Picture) -> float:
    """Spread between wall and skin: 1 for a picture in degrees would be a tiny contrast, raw counts have hundreds."""
    low, high = np.percentile(picture[::2, ::2], (5, 99.5))
    return max(float(high - low), 1e-3)


def _moved(draw: Draw, sample: Sample, without: list[Sample]) -> Scene:
    """Turn, zoom, mirror and shift the sample onto the canvas; what is uncovered shows an empty scene or a wall."""
    rows, columns = sample.picture.shape
    fit = 160 / max(rows, columns)
    certain = [face for face in sample.faces if not face.ignore]
    widest = max((face.box.width_px for face in certain), default=30.0) * fit
    high = np.log(min(2.0, max(75 / widest, 0.7)))
    low = min(high, np.log(max(0.5, 11 / widest)))
    zoom = fit * float(np.exp(np.clip(draw.normal(-0.05, 0.38), low, high)))
    angle = float(np.clip(draw.normal(0, 6), -18, 18))
    mirror = -1.0 if draw.random() < 0.5 else 1.0
    turn = cv2.getRotationMatrix2D((0, 0), angle, zoom)[:, :2] @ np.diag([mirror, 1.0])
    focus = np.array([columns / 2, rows / 2])
    target = np.array([COLUMNS / 2, ROWS / 2]) + draw.normal(0, (14, 14))
    if certain and draw.random() < 0.6:
        focus = np.array(certain[draw.integers(len(certain))].box.centre)
        target = draw.uniform((0, 0), (COLUMNS, ROWS)) if draw.random() < 0.35 else draw.uniform((20, 25), (108, 130))
    matrix = np.column_stack([turn, target - turn @ focus]).astype(np.float64)
    picture = cv2.warpAffine(
        sample.picture, matrix, (COLUMNS, ROWS), flags=cv2.INTER_AREA if zoom < 0.8 else cv2.INTER_LINEAR
    )
    covered = cv2.warpAffine(np.ones((rows, columns), np.float32), matrix, (COLUMNS, ROWS)) > 0.98
    filled = np.where(covered, picture, _wall(draw, sample.picture, without)).astype(np.float32)
    faces = tuple(_moved_face(face, matrix, angle, zoom) for face in sample.faces)
    ignore = tuple(_moved_box(box, matrix, angle, zoom) for box in sample.ignore)
    return clipped(Scene(filled, faces, ignore))


def _moved_box(box: Box, matrix: NDArray[np.float64], angle_deg: float, zoom: float) -> Box:
    """The upright box around the turned ellipse that the box stands for."""
    x, y = matrix @ np.array([*box.centre, 1.0])
    cos, sin = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    half_w = zoom / 2 * float(np.hypot(box.width_px * cos, box.height_px * sin))
    half_h = zoom / 2 * float(np.hypot(box.width_px * sin, box.height_px * cos))
    return Box(float(x - half_w), float(y - half_h), float(x + half_w), float(y + half_h))


def _moved_face(face: Face, matrix: NDArray[np.float64], angle_deg: float, zoom: float) -> Face:
    forehead = _moved_box(face.forehead, matrix, angle_deg, zoom) if face.forehead else None
    return replace(face, box=_moved_box(face.box, matrix, angle_deg, zoom), forehead=forehead)


def clipped(made: Scene) -> Scene:
    """Faces cut by the frame keep their visible part; a mere rest of one is neither face nor none."""
    faces = []
    for face in made.faces:
        box = _within(face.box, made.frame)
        share = box.area_px / face.box.area_px
        if share < 0.02:
            continue
        small = min(box.width_px, box.height_px) < 6 or min(face.box.width_px, face.box.height_px) < SMALLEST_FACE_PX
        forehead = _within(face.forehead, made.frame) if face.forehead else None
        if forehead and (forehead.area_px < 0.5 * face.forehead.area_px or forehead.height_px < 1.5):  # type: ignore[union-attr]
            forehead = None
        usable = face.usable and share > 0.97 and forehead is not None and box.width_px >= 17
        faces.append(
            replace(face, box=box, forehead=forehead, usable=usable, ignore=face.ignore or small or share < 0.25)
        )
    return replace(made, faces=tuple(faces))


def _within(box: Box, frame: Box) -> Box:
    x0, y0 = min(max(box.x0, frame.x0), frame.x1), min(max(box.y0, frame.y0), frame.y1)
    return Box(x0, y0, max(x0, min(box.x1, frame.x1)), max(y0, min(box.y1, frame.y1)))


def _wall(draw: Draw, like: Picture, without: list[Sample]) -> Picture:
    """Something without faces at the level of the picture's background."""
    low, middle = np.percentile(like[::4, ::4], (5, 50))
    spread = unit_scale(like)
    if without and draw.random() < 0.5:
        other = without[draw.integers(len(without))].picture
        empty = cv2.resize(other, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA).astype(np.float32)
        scale = spread / unit_scale(empty) * draw.uniform(0.15, 0.6)
        return np.asarray((empty - np.median(empty)) * scale + draw.uniform(low, middle), np.float32)
    rough = draw.normal(0, 0.06 * spread, (int(draw.integers(2, 9)), int(draw.integers(2, 7)))).astype(np.float32)
    smooth = cv2.resize(rough, (COLUMNS, ROWS), interpolation=cv2.INTER_CUBIC)
    return np.asarray(smooth + np.float32(draw.uniform(low, middle)), np.float32)


def _joined(draw: Draw, a: Scene, b: Scene) -> Scene:
    """Two scenes in one picture: side by side, or the warmer of both at every pixel (a person behind another)."""
    scale = unit_scale(a.picture) / unit_scale(b.picture)
    other = ((b.picture - np.median(b.picture)) * scale + np.median(a.picture)).astype(np.float32)
    if draw.random() < 0.5:
        edge = int(draw.integers(30, COLUMNS - 30))
        picture = a.picture.copy()
        picture[:, edge:] = other[:, edge:]
        return _cut(Scene(picture, a.faces, a.ignore), Scene(picture, b.faces, b.ignore), edge)
    if any(one.box.iou(two.box) > 0.01 for one in a.faces for two in b.faces):
        return a
    nearer, farther = still_seen(a.faces, a.picture >= other), still_seen(b.faces, a.picture < other)
    return Scene(np.maximum(a.picture, other), nearer + farther, a.ignore + b.ignore)


def still_seen(faces: tuple[Face, ...], theirs: NDArray[np.bool_]) -> tuple[Face, ...]:
    """Faces of one of two pictures laid together, given the pixels [rows, columns] that show it: a face behind
    somebody's warm coat is none, and half of one teaches nothing."""
    shown = [(face, float(np.mean(face.box.crop(theirs))) if face.box.crop(theirs).size else 0.0) for face in faces]
    return tuple(
        face if share > WHOLE else replace(face, forehead=None, usable=False, ignore=True)
        for face, share in shown
        if share > HARDLY
    )


def _cut(left: Scene, right: Scene, edge: int) -> Scene:
    """The left scene's part before the edge and the right one's behind it."""
    kept: list[Face] = []
    for made, x0, x1 in ((left, 0.0, float(edge)), (right, float(edge), float(COLUMNS))):
        for face in made.faces:
            box = Box(max(face.box.x0, x0), face.box.y0, min(face.box.x1, x1), face.box.y1)
            share = max(0.0, box.width_px) / face.box.width_px
            if share > 0.98:
                kept.append(face)
            elif share > 0.02:
                kept.append(replace(face, box=box, forehead=None, usable=False, ignore=True))
    ignore = tuple(
        Box(max(box.x0, x0), box.y0, min(box.x1, x1), box.y1)
        for made, x0, x1 in ((left, 0.0, float(edge)), (right, float(edge), float(COLUMNS)))
        for box in made.ignore
        if min(box.x1, x1) > max(box.x0, x0)
    )
    return Scene(left.picture, tuple(kept), ignore)


def _other_background(draw: Draw, picture: Picture) -> Picture:
    """Replace what is clearly colder than skin by a background of any temperature, hotter than the face included."""
    low, high = np.percentile(picture[::2, ::2], (20, 99))
    spread = max(float(high - low), 1e-3)
    edge = low + spread * draw.uniform(0.25, 0.45)
    skin = 1 / (1 + np.exp(np.clip(-(picture - edge) / (0.05 * spread), -30, 30)))
    level = low + spread * draw.uniform(-0.3, 1.6)
    behind = level + (picture - low) * draw.uniform(-1.0, 1.0)
    return np.asarray(skin * picture + (1 - skin) * behind, np.float32)


def _sensor(draw: Draw, picture: Picture) -> Picture:
    """Blur, noise of pixels, rows and columns, a tilt of the whole picture, hot pixels after a shutter event, level."""
    spread = unit_scale(picture)
    if draw.random() < 0.35:
        picture = cv2.GaussianBlur(picture, (0, 0), float(draw.uniform(0.4, 1.4))).astype(np.float32)
    if draw.random() < 0.15:
        length = int(draw.integers(2, 7))
        picture = cv2.blur(picture, (length, 1) if draw.random() < 0.7 else (1, length)).astype(np.float32)
    noise = spread * float(draw.choice((0.002, 0.004, 0.01, 0.025)))
    seen = picture.astype(np.float64) + draw.normal(0, noise, picture.shape)
    seen += draw.normal(0, noise * 0.6, (1, COLUMNS)) + draw.normal(0, noise * 0.6, (ROWS, 1))
    if draw.random() < 0.4:
        across, down = draw.normal(0, 0.08 * spread, 2)
        seen += np.linspace(-across, across, COLUMNS)[None, :] + np.linspace(-down, down, ROWS)[:, None]
    if draw.random() < 0.1:
        count = int(draw.integers(5, 60))
        seen[draw.integers(0, ROWS, count), draw.integers(0, COLUMNS, count)] += 0.1 * spread
    if draw.random() < 0.3:
        low = float(np.min(seen))
        seen = low + spread * np.power(np.maximum(seen - low, 0) / spread, draw.uniform(0.7, 1.4))
    return seen.astype(np.float32)
