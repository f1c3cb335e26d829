"""The room, the reference, and the people in it, as true apparent temperatures of an upright picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.adapters.camera_sim import faces
from edge.adapters.camera_sim.people import Person, pose
from edge.core.geometry import Box
from edge.core.radiometry import apparent_c

Field = NDArray[np.float32]

# The recordings' disc is 12 to 14 px wide and hangs at the lower left of the upright view.
DISC_RADIUS_PX = 6.4


@dataclass(frozen=True, slots=True)
class Room:
    """An upright view of rows x columns pixels. focal_scale: pixels of this sensor per pixel of a Lepton's.

    reference_across: the reference's centre, 0 (left) to 1 of the view's width; by default as in the recordings.
    """

    rows: int
    columns: int
    ambient_c: float
    reference_c: float
    reference_emissivity: float
    reference_across: float = 0.22

    @property
    def focal_scale(self) -> float:
        return max(self.rows, self.columns) / 160.0

    @property
    def disc(self) -> tuple[float, float, float]:
        """Centre x, y and radius of the reference, in pixels."""
        return self.reference_across * self.columns, 0.84 * self.rows, DISC_RADIUS_PX * self.focal_scale

    @property
    def reference_box(self) -> Box:
        x, y, r = self.disc
        return Box(round(x - r), round(y - r), round(x + r), round(y + r))


@dataclass(frozen=True, slots=True)
class FaceTruth:
    """A person in one picture: boxes in upright pixels (forehead None: covered), true skin temperature in C."""

    person: int
    box: Box
    forehead: Box | None
    forehead_c: float
    standing: bool
    attire: frozenset[str]


def empty_room(room: Room) -> Field:
    """Walls, a door, the reference in its housing; no people."""
    y, x = np.mgrid[: room.rows, : room.columns].astype(np.float32)
    picture = room.ambient_c + 0.9 * (1 - y / room.rows) + 0.3 * np.sin(x / room.columns * 2.2 + 0.4)
    door = (np.abs(x - 0.72 * room.columns) < 0.17 * room.columns) & (y > 0.12 * room.rows)
    picture = picture - 0.8 * door
    # The door's frame, a seam of the ceiling, and the warm tube of a lamp at the upper left.
    frame = np.abs(np.abs(x - 0.72 * room.columns) - 0.17 * room.columns) < 1.2 * room.focal_scale
    picture = picture + 0.35 * (frame & (y > 0.1 * room.rows))
    seam = y - 0.07 * room.rows - 0.05 * x
    picture = picture - 0.5 * np.exp(-((seam / (1.5 * room.focal_scale)) ** 2)) - 0.3 * (seam < 0)
    along, across = 0.86 * x + 0.5 * y, 0.86 * y - 0.5 * x
    tube = np.exp(-((across / (3.0 * room.focal_scale)) ** 2)) * (along < 0.3 * room.columns)
    picture = picture + 5.0 * tube
    cx, cy, r = room.disc
    housing = (np.abs(x - cx) < 2.1 * r) & (y > cy - 5.5 * r) & (y < cy + 3.0 * r)
    heat = (
        1.0
        + 0.6 * np.cos((y - cy) / (3 * r))
        + 1.2 * np.exp(-(((x - cx) / (1.2 * r)) ** 2) - ((y - cy) / (2 * r)) ** 2)
    )
    heat = heat + 0.8 * np.exp(-(((x - cx) / r) ** 2) - ((y - cy + 3.6 * r) / (0.5 * r)) ** 2)
    # It is the reference that warms its housing: by as much as in the recordings, 15 K above the room.
    leak = (room.reference_c - room.ambient_c) / 15.0
    picture = np.where(housing, room.ambient_c + leak * (1.0 + heat), picture)
    seen_c = apparent_c(room.reference_c, room.ambient_c, room.reference_emissivity)
    distance = np.sqrt((x + 0.5 - cx) ** 2 + (y + 0.5 - cy) ** 2)
    disc = np.clip(r + 0.5 - distance, 0.0, 1.0)
    painted: Field = (picture + disc * (seen_c - picture)).astype(np.float32)
    return painted


def draw(room: Room, background: Field, people: Sequence[Person], t_s: float) -> tuple[Field, tuple[FaceTruth, ...]]:
    """The picture at t_s and the truth in it; nearer people are in front, and nobody is in front of the reference."""
    picture = background.copy()
    present = [(at, who) for who in people if (at := pose(who, t_s)) is not None]
    truths = []
    for at, who in sorted(present, key=lambda pair: -pair[0].distance_m):
        placed = faces.place(who, at, room.rows, room.columns, room.focal_scale)
        faces.paint(picture, who, placed, at.turn, room.ambient_c, t_s)
        box = faces.face_box(placed, at.turn)
        if box.overlap_px(Box(0, 0, room.columns, room.rows)) > 0:
            forehead = faces.forehead_box(who, placed, at.turn)
            truths.append(FaceTruth(who.number, box, forehead, who.forehead_c, at.standing, frozenset(who.attire)))
    _reference_in_front(room, background, picture)
    return picture, tuple(truths)


def _reference_in_front(room: Room, background: Field, picture: Field) -> None:
    # The housing stands between people and camera, as in the recordings.
    cx, cy, r = room.disc
    housing = Box(cx - 2.1 * r, cy - 5.5 * r, cx + 2.1 * r, cy + 3.0 * r).clipped(room.columns, room.rows)
    housing.crop(picture)[:] = housing.crop(background)
