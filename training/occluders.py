"""Things that hide part of a face (masks, hats, fringes, glasses, hands), coats, and hot things that are no face."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.core.geometry import Box
from training.dataset import Face

Picture = NDArray[np.float32]
Draw = np.random.Generator
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Wardrobe:
    """Shares of the faces that wear or hold something, and what hats are like, in shares of the face.

    behind: become heads from behind, and no faces; brim: how far down it comes; wide: how far it reaches beyond either
    side; sag: of its middle, down; least_brow: of the forehead, less than which is none.
    """

    mask: float = 0.1
    hat: float = 0.1
    fringe: float = 0.0
    glasses: float = 0.16
    hand: float = 0.06
    behind: float = 0.0
    brim: tuple[float, float] = (0.04, 0.34)
    wide: float = 0.3
    sag: tuple[float, float] = (-0.06, 0.06)
    least_brow: float = 0.45


USUAL = Wardrobe()


def cover(
    draw: Draw,
    picture: Picture,
    faces: tuple[Face, ...],
    ignore: tuple[Box, ...],
    make: Callable[..., Made],
    wardrobe: Wardrobe = USUAL,
) -> Made:
    """Dress some of the faces; the truth follows the annotation's conventions (a hat's brim is the top of the face)."""
    picture = picture.copy()
    low, high = (float(value) for value in np.percentile(picture[::2, ::2], (5, 99)))
    dressed = tuple(_dressed(draw, picture, face, low, high, wardrobe) for face in faces)
    return make(picture, dressed, ignore)


def _dressed(draw: Draw, picture: Picture, face: Face, low: float, high: float, wardrobe: Wardrobe) -> Face:
    if not face.ignore and draw.random() < 0.15:
        _chilled(draw, picture, face, high - low)
    choice = draw.random()
    if face.ignore or face.tags & {"partial", "occluded", "hat"} or face.box.width_px <= 14:
        return face
    w = wardrobe
    mask, hat, fringe, glasses, hand = accumulate((w.mask, w.hat, w.fringe, w.glasses, w.hand))
    if choice < mask:
        return _mask(draw, picture, face, low, high)
    if choice < hat:
        return _hat(draw, picture, face, low, high, wardrobe)
    if choice < fringe:
        return _fringe(draw, picture, face, low, wardrobe)
    if choice < glasses and face.forehead:
        return _glasses(draw, picture, face, low, high)
    if choice < hand:
        return _hand(draw, picture, face, high)
    return face


def _blend(picture: Picture, shape: NDArray[np.float32], level: float) -> None:
    soft = cv2.GaussianBlur(shape, (0, 0), 0.8)
    picture += soft * (np.float32(level) - picture)


def _polygon(picture: Picture, points: list[tuple[float, float]]) -> NDArray[np.float32]:
    shape = np.zeros_like(picture)
    cv2.fillPoly(shape, [np.round(np.array(points) * 16).astype(np.int32)], 1.0, shift=4)
    return shape


def _mask(draw: Draw, picture: Picture, face: Face, low: float, high: float) -> Face:
    """From the bridge of the nose to the chin, cooler than skin, warmer when breathed out: box and forehead stay."""
    b = face.box
    top, w, h = b.y0 + b.height_px * draw.uniform(0.48, 0.62), b.width_px, b.height_px
    points = [
        (b.x0 + 0.02 * w, top + 0.08 * h),
        (b.x0 + 0.5 * w, top - 0.06 * h),
        (b.x1 - 0.02 * w, top + 0.08 * h),
        (b.x1 - 0.12 * w, b.y1 - 0.08 * h),
        (b.x0 + 0.5 * w, b.y1 + 0.02 * h),
        (b.x0 + 0.12 * w, b.y1 - 0.08 * h),
    ]
    _blend(
        picture,
        _polygon(picture, points) * np.float32(draw.uniform(0.6, 0.95)),
        low + (high - low) * draw.uniform(0.3, 0.95),
    )
    return face


def _hat(draw: Draw, picture: Picture, face: Face, low: float, high: float, wardrobe: Wardrobe) -> Face:
    """A hat or hood over the upper part: the face begins below it, and so does what is left of the forehead."""
    b, share = face.box, float(draw.uniform(*wardrobe.brim))
    brim = b.y0 + b.height_px * share
    over = b.height_px * draw.uniform(0.15, 0.5)
    wide = b.width_px * draw.uniform(0.0, wardrobe.wide)
    sag = draw.uniform(*wardrobe.sag) * b.height_px
    points = [
        (b.x0 - wide, brim),
        ((b.x0 + b.x1) / 2, brim + sag),
        (b.x1 + wide, brim),
        (b.x1 + wide * 0.5, b.y0 - over * 0.5),
        ((b.x0 + b.x1) / 2, b.y0 - over),
        (b.x0 - wide * 0.5, b.y0 - over * 0.5),
    ]
    _blend(picture, _polygon(picture, points), low + (high - low) * draw.uniform(-0.1, 0.75))
    return _begins_at(face, brim, wardrobe.least_brow)


def _fringe(draw: Draw, picture: Picture, face: Face, low: float, wardrobe: Wardrobe) -> Face:
    """Strands of hair over the upper part of the forehead, uneven below and a little cooler than the skin: the face
    begins at their ends."""
    b = face.box
    if face.tags & {"hair_on_forehead", "profile"}:
        return face
    ends = b.height_px * float(draw.uniform(0.05, 0.22))
    skin = float(np.median(b.crop(picture))) if b.crop(picture).size else low
    level = skin + (low - skin) * float(draw.uniform(0.1, 0.6))
    crown, x = b.y0 - 0.2 * b.height_px, b.x0 - 0.05 * b.width_px
    shape = np.zeros_like(picture)
    while x < b.x1 + 0.05 * b.width_px:
        wide = b.width_px * float(draw.uniform(0.05, 0.3))
        tip, end = x + wide * float(draw.uniform(0.0, 1.0)), b.y0 + ends * float(draw.uniform(0.5, 1.15))
        shoulder = b.y0 + 0.6 * (end - b.y0)
        points = [(x, crown), (x + wide, crown), (x + wide, shoulder), (tip, end), (x, shoulder)]
        shape = np.maximum(shape, _polygon(picture, points) * np.float32(draw.uniform(0.5, 1.0)))
        x += wide * float(draw.uniform(0.6, 1.3))
    _blend(picture, shape, level)
    return _begins_at(face, b.y0 + ends, wardrobe.least_brow)


def _begins_at(face: Face, top: float, least_brow: float) -> Face:
    """The face below what covers its upper part, and what is left of its forehead."""
    b, forehead = face.box, face.forehead
    if forehead:
        left = Box(forehead.x0, max(forehead.y0, top), forehead.x1, forehead.y1)
        bare = left.height_px > least_brow * forehead.height_px and left.height_px >= 2
        forehead = left if bare else None
    return replace(face, box=Box(b.x0, top, b.x1, b.y1), forehead=forehead, usable=face.usable and forehead is not None)


def _chilled(draw: Draw, picture: Picture, face: Face, spread: float) -> None:
    """Make the head colder (come in from the cold) or warmer than it was, relief and all."""
    shape = np.zeros_like(picture)
    x, y = face.box.centre
    axes = (round(face.box.width_px * 8.8), round(face.box.height_px * 9.5))
    cv2.ellipse(shape, (round(x * 16), round(y * 16 - face.box.height_px)), axes, 0, 0, 360, 1.0, -1, shift=4)
    shape = cv2.GaussianBlur(shape, (0, 0), max(1.0, 0.06 * face.box.width_px)).astype(np.float32)
    picture -= shape * np.float32(spread * draw.uniform(-0.3, 0.8))


def _glasses(draw: Draw, picture: Picture, face: Face, low: float, high: float) -> Face:
    b, top = face.box, face.forehead.y1 if face.forehead else face.box.y0
    h, level = b.height_px * draw.uniform(0.14, 0.3), low + (high - low) * draw.uniform(-0.3, 0.7)
    shape = np.zeros_like(picture)
    gap = 0.06 * b.width_px
    middle = (b.x0 + b.x1) / 2
    for x0, x1 in ((b.x0 + 0.06 * b.width_px, middle - gap), (middle + gap, b.x1 - 0.06 * b.width_px)):
        centre = (round((x0 + x1) * 8), round((top + h / 2) * 16))
        axes = (max(16, round((x1 - x0) * 8)), max(16, round(h * 8)))
        cv2.ellipse(shape, centre, axes, 0, 0, 360, 1.0, -1, shift=4)
    cv2.line(shape, (round(middle - gap), round(top + h / 3)), (round(middle + gap), round(top + h / 3)), 1.0, 1)
    _blend(picture, shape, level)
    return face


def _hand(draw: Draw, picture: Picture, face: Face, high: float) -> Face:
    """A warm bar across part of the face; where much is hidden the truth is left open."""
    b = face.box
    x, y = draw.uniform(b.x0, b.x1), draw.uniform(b.y0, b.y1)
    size = (b.width_px * draw.uniform(0.2, 0.5), b.height_px * draw.uniform(0.4, 1.2))
    corners = cv2.boxPoints(((float(x), float(y)), (float(size[0]), float(size[1])), float(draw.uniform(-60, 60))))
    shape = _polygon(picture, [tuple(point) for point in corners])
    hidden = float(b.crop(shape).mean()) if b.crop(shape).size else 0.0
    level = float(np.median(b.crop(picture))) + draw.normal(0, 0.1) * abs(high) * 0.02
    _blend(picture, shape, level)
    brow = face.forehead.crop(shape) if face.forehead else shape[:0]
    free = brow.size > 0 and float(brow.mean()) < 0.1
    return replace(face, forehead=face.forehead if free else None, usable=False, ignore=hidden > 0.3)


def clothes(draw: Draw, picture: Picture, faces: tuple[Face, ...]) -> Picture:
    """Coats that the recordings do not show: folds, zips, pockets on what is warm below a face, never on one."""
    low, high = (float(value) for value in np.percentile(picture[::2, ::2], (5, 99)))
    picture = picture.copy()
    for face in faces:
        b = face.box
        if draw.random() < 0.5:
            continue
        below = Box(b.x0 - 1.2 * b.width_px, b.y1 + 0.15 * b.height_px, b.x1 + 1.2 * b.width_px, picture.shape[0])
        body = np.zeros_like(picture)
        below.crop(body)[:] = below.crop(picture) > low + 0.2 * (high - low)
        for other in faces:
            other.box.grown(0.1).crop(body)[:] = 0.0
        picture = pattern(draw, picture, body, b.width_px, high - low)
    return picture


def from_behind(
    draw: Draw, picture: Picture, faces: tuple[Face, ...], share: float
) -> tuple[Picture, tuple[Face, ...]]:
    """So many of the faces become heads from behind or bowed ones: no feature is left, only hair, uneven and warmer
    where it is short, with a parting or a band. Shoulders, neck and outline stay."""
    picture, kept = picture.copy(), []
    for face in faces:
        if draw.random() >= share or face.ignore or face.tags & {"partial", "occluded"} or face.box.width_px <= 12:
            kept.append(face)
        else:
            _hair_all_over(draw, picture, face.box)
    return picture, tuple(kept)


def _hair_all_over(draw: Draw, picture: Picture, b: Box) -> None:
    rows, columns = picture.shape
    inside = b.crop(picture)
    if not inside.size:
        return
    skin, cold = float(np.quantile(inside, 0.7)), float(np.quantile(picture[::2, ::2], 0.1))
    spread = max(skin - cold, 1e-3)
    down, across = np.mgrid[0:rows, 0:columns].astype(np.float32) + 0.5
    x, y = b.centre
    u, v = (across - x) / (0.54 * b.width_px), (down - y + 0.06 * b.height_px) / (0.58 * b.height_px)
    angle = float(draw.normal(0, 0.5))
    along = u * np.float32(np.sin(angle)) + v * np.float32(np.cos(angle))
    crown, nape = skin - spread * draw.uniform(0.05, 0.6), skin - spread * draw.uniform(-0.05, 0.25)
    level = crown + (nape - crown) * np.clip((along + 1) / 2, 0, 1) ** draw.uniform(0.6, 2.0)
    rough = draw.normal(0, spread * draw.uniform(0.01, 0.08), (6, 5)).astype(np.float32)
    hair = np.zeros_like(picture)
    patch = Box(x - 0.6 * b.width_px, y - 0.7 * b.height_px, x + 0.6 * b.width_px, y + 0.6 * b.height_px)
    part = patch.crop(hair)
    part[:] = cv2.resize(rough, part.shape[::-1], interpolation=cv2.INTER_CUBIC)
    level = level + hair
    for _ in range(int(draw.integers(0, 4)) if draw.random() < 0.5 else 0):
        slope, at, wide = draw.normal(0, 0.7), draw.uniform(-0.8, 0.8), draw.uniform(0.04, 0.2)
        line = np.clip(1 - np.abs(v - at - slope * u) / wide, 0, 1)
        level = level + line * spread * draw.uniform(-0.6, 0.15)
    shape = np.clip((1 - np.sqrt(u**2 + v**2)) * 0.4 * b.width_px, 0, 1)
    if draw.random() < 0.5:
        # A bare nape, or the chin of a bowed head.
        shape = shape * np.clip((draw.uniform(0.7, 1.0) - v) * 0.4 * b.height_px, 0, 1)
    picture += cv2.GaussianBlur(shape.astype(np.float32), (0, 0), 0.8) * (level.astype(np.float32) - picture)


def pattern(draw: Draw, picture: Picture, body: Picture, width_px: float, spread: float) -> Picture:
    """The picture with a coat's pattern where body [rows, columns] is 1.

    width_px: of the wearer's face; spread: between wall and skin, in the picture's unit.
    """
    rows, columns = picture.shape
    cell = width_px * float(draw.uniform(0.2, 0.9))
    rough = draw.normal(0, 1, (max(2, round(rows / cell)), max(2, round(columns / cell)))).astype(np.float32)
    worn = cv2.resize(rough, (columns, rows), interpolation=cv2.INTER_CUBIC)
    inside = np.argwhere(body > 0)
    if not len(inside):
        return picture
    for _ in range(int(draw.integers(0, 5))):
        y, x = (int(value) for value in inside[draw.integers(len(inside))])
        level, kind = float(draw.normal(0, 2)), draw.random()
        if kind < 0.5:
            end = (x + round(draw.normal(0, 0.8) * width_px), y + round(draw.normal(0, 1.2) * width_px))
            cv2.line(worn, (x, y), end, level, int(draw.integers(1, 1 + max(2, round(0.25 * width_px)))))
        else:
            axes = tuple(max(1, round(float(draw.uniform(0.08, 0.5)) * width_px)) for _ in range(2))
            cv2.ellipse(worn, (x, y), axes, float(draw.uniform(0, 180)), 0, 360, level, -1)
    soft = cv2.GaussianBlur(body, (0, 0), 1.0)
    worn = cv2.GaussianBlur(worn, (0, 0), float(draw.uniform(0.5, 1.5)))
    return np.asarray(picture + soft * worn * np.float32(spread * draw.uniform(0.03, 0.25)), np.float32)


def hot_things(draw: Draw, picture: Picture, faces: tuple[Face, ...]) -> Picture:
    """Discs like the reference, lamp tubes, cups, radiators: warm or hot, never a face, never drawn over one."""
    low, high = (float(value) for value in np.percentile(picture[::2, ::2], (5, 99)))
    rows, columns = picture.shape
    picture = picture.copy()
    for _ in range(int(draw.integers(1, 4))):
        shape = np.zeros_like(picture)
        x, y = int(draw.integers(0, columns)), int(draw.integers(0, rows))
        size = int(draw.integers(3, 22))
        kind = draw.integers(6)
        if kind == 0:
            cv2.ellipse(shape, (x, y), (size // 2 + 1, round(size * draw.uniform(0.4, 0.7)) + 1), 0, 0, 360, 1.0, -1)
        elif kind == 1:
            end = (x + int(draw.normal(0, 40)), y + int(draw.normal(0, 40)))
            cv2.line(shape, (x, y), end, 1.0, int(draw.integers(1, 6)))
        elif kind == 2:
            tall = round(size * draw.uniform(0.8, 2.0))
            cv2.rectangle(shape, (x, y), (x + size, y + tall), 1.0, -1)
            cv2.ellipse(shape, (x + size, y + tall // 2), (size // 3 + 1, tall // 4 + 1), 0, 0, 360, 0.8, 1)
        elif kind == 3:
            # The reference: a hot disc in the lower part of a lukewarm box.
            box = np.zeros_like(picture)
            cv2.rectangle(box, (x - size, y - 3 * size), (x + size, y + round(1.2 * size)), 1.0, -1)
            if not any(face.box.crop(box).any() for face in faces):
                _blend(picture, box, low + (high - low) * draw.uniform(0.1, 0.6))
                cv2.ellipse(
                    shape, (x, y), (size // 2 + 1, round(size * draw.uniform(0.4, 0.6)) + 1), 0, 0, 360, 1.0, -1
                )
        elif kind == 4:
            # Somebody's clothed trunk without a head: a jacket is no face.
            wide, tall = 2 * size + 8, round((2 * size + 8) * draw.uniform(1.2, 2.2))
            cv2.ellipse(shape, (x, y), (wide, wide // 2), 0, 0, 360, 1.0, -1)
            cv2.rectangle(shape, (x - wide, y), (x + wide, y + tall), 1.0, -1)
        else:
            for k in range(int(draw.integers(3, 9))):
                cv2.line(shape, (x + 4 * k, y), (x + 4 * k, y + 2 * size), 1.0, 2)
        touched = any(face.box.crop(shape).any() for face in faces)
        if not touched:
            _blend(picture, shape * np.float32(draw.uniform(0.5, 1.0)), low + (high - low) * draw.uniform(0.5, 2.5))
    return picture
