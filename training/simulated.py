"""People of the gate's own simulator (edge/adapters/camera_sim), other ones than any test or benchmark meets.

They are drawn from seeds that nothing else uses. Beside `synthetic` they show what that one lacks: bright, plain faces
under a cap of hair, two people side by side, everybody between room and skin temperature.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edge.adapters.camera_sim.people import Person, Visitor, person, pose
from edge.adapters.camera_sim.scene import FaceTruth, Room, draw, empty_room
from edge.core.geometry import Box
from training.dataset import Face

Picture = NDArray[np.float32]
Draw = np.random.Generator

# Seeds of the simulator from here on are training's.
FIRST_SEED = 1_000_000
AMBIENTS_C, REFERENCE_C = (0.0, 37.0), 37.0
NOW_S = 100.0
# Beyond so much of a turn (1: profile) there is neither a face to be told nor none.
TURNED, AWAY = 0.33, 0.85
# Of a face this share may be hidden by somebody nearer or the reference; more leaves it open, almost all leaves none.
HIDDEN, GONE = 0.1, 0.9


def people(draws: Draw, rows: int, columns: int) -> tuple[Picture, tuple[Face, ...]]:
    """A view [rows, columns] in C of one to three simulated people on their way, and their faces."""
    room = Room(rows, columns, float(draws.uniform(*AMBIENTS_C)), REFERENCE_C, 1.0, float(draws.uniform(0.05, 0.95)))
    crowd = [_somebody(draws, number) for number in range(int(draws.choice((1, 1, 2, 2, 3))))]
    picture, truths = draw(room, empty_room(room), crowd, NOW_S)
    # The simulator tells the farthest first.
    before = [[_whole(nearer.box) for nearer in truths[k + 1 :]] for k in range(len(truths))]
    housing = _housing(room)
    told = (_face(one, crowd[one.person], [*nearer, housing]) for one, nearer in zip(truths, before, strict=True))
    return picture, tuple(face for face in told if face is not None)


def _somebody(draws: Draw, number: int) -> Person:
    """Of the simulator's people anyone, anywhere on their way."""
    visitor = Visitor(
        number,
        0.0,
        stands_m=float(draws.uniform(0.5, 1.6)),
        aside_m=float(draws.uniform(-0.35, 0.35)),
    )
    who = person(int(draws.integers(FIRST_SEED, 2**31)), number, visitor, 0.1, 0.25)
    return replace(who, enters_s=NOW_S - float(draws.uniform(0.3, who.gone_at_s - who.enters_s)))


def _face(truth: FaceTruth, who: Person, before: list[Box]) -> Face | None:
    at = pose(who, NOW_S)
    assert at is not None
    turn, box = abs(at.turn), truth.box
    covered = max(box.overlap_px(other) for other in before) / box.area_px
    if covered > GONE:
        return None
    hidden = covered > HIDDEN
    tags = {"turned"} if turn > TURNED else {"frontal"}
    usable = truth.forehead is not None and turn <= TURNED
    return Face(box, truth.forehead, frozenset(tags), usable and not hidden, hidden or turn > AWAY)


def _whole(face: Box) -> Box:
    """Everybody with this face, from the crown down."""
    wide, high = face.width_px, face.height_px
    return Box(face.x0 - 0.7 * wide, face.y0 - 0.3 * high, face.x1 + 0.7 * wide, face.y1 + 30 * high)


def _housing(room: Room) -> Box:
    x, y, r = room.disc
    return Box(x - 2.1 * r, y - 5.5 * r, x + 2.1 * r, y + 3.0 * r)
