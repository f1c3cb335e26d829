"""The truth that training shows the network: it survives augmentation, and is what the adapter decodes."""

import numpy as np
import pytest

from edge.core.face_answers import CELL_PX, FACE, FOREHEAD, decode
from edge.core.geometry import Box
from training.augment import COLUMNS, ROWS, Scene, clipped, scene
from training.dataset import Face, Sample
from training.occluders import cover
from training.synthetic import people
from training.targets import targets

FRONTAL = frozenset({"frontal"})


def drawn(seed: int) -> Sample:
    draw = np.random.default_rng(seed)
    picture, faces = people(draw, 160, 120)
    return Sample((22 + 12 * picture).astype(np.float32), faces, (), "rec01", "A", 0, True)


def empty(seed: int) -> Sample:
    picture = np.random.default_rng(seed).normal(22, 0.1, (160, 120)).astype(np.float32)
    return Sample(picture, (), (), "rec13", "A", 0, True)


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    with_faces = [sample for sample in map(drawn, range(12)) if sample.faces]
    without = [empty(seed) for seed in range(3)]
    return [scene(np.random.default_rng((1, k)), with_faces, without) for k in range(60)]


def test_the_same_draw_gives_the_same_scene() -> None:
    first, again = (scene(np.random.default_rng(4), [drawn(1)], [empty(1)]) for _ in range(2))
    assert np.array_equal(first.picture, again.picture)
    assert first.faces == again.faces


def test_pictures_are_whole_and_faces_lie_in_them(scenes: list[Scene]) -> None:
    assert sum(len(made.faces) for made in scenes) > 30
    for made in scenes:
        assert made.picture.shape == (ROWS, COLUMNS)
        assert made.picture.dtype == np.float32
        assert np.isfinite(made.picture).all()
        for face in made.faces:
            assert face.box == face.box.clipped(COLUMNS, ROWS)
            assert not (face.usable and face.forehead is None)
            if face.forehead and not face.ignore:
                assert face.forehead.overlap_px(face.box) > 0.7 * face.forehead.area_px


def test_what_is_taught_is_what_is_decoded(scenes: list[Scene]) -> None:
    for made in scenes:
        heat, _, inside, wanted = targets(made)
        answers = wanted.copy()
        answers[FACE] = np.where((heat >= 0.999) & (inside > 0), 6.0, -9.0)
        decoded = decode(answers, 0.5, 12)
        found = [Box(*box) for box in decoded.boxes.tolist()]
        for face in made.faces:
            alone = all(face is other or face.box.overlap_px(other.box) == 0 for other in made.faces)
            if face.ignore or not alone:
                continue
            best = max(range(len(found)), key=lambda k: found[k].iou(face.box))
            assert found[best].iou(face.box) > 0.85
            assert (decoded.bare[best] > 0.6) == (face.forehead is not None)
            if face.forehead:
                assert Box(*decoded.foreheads[best].tolist()).iou(face.forehead) > 0.6


def test_unknown_faces_are_masked_and_known_ones_are_not() -> None:
    known = Face(Box(20, 20, 50, 60), Box(25, 22, 45, 32), FRONTAL, True, False)
    unknown = Face(Box(80, 90, 100, 120), None, frozenset({"uncertain"}), False, True)
    heat, care, inside, wanted = targets(Scene(np.zeros((ROWS, COLUMNS), np.float32), (known, unknown), ()))
    assert heat.max() == 1.0
    assert heat[26, 22] < 0.01
    assert (care[105 // 4, 90 // 4], care[40 // 4, 35 // 4], care[2, 2]) == (0.0, 1.0, 1.0)
    assert inside[105 // 4, 90 // 4] == 0.0
    fractions = wanted[FOREHEAD, 40 // 4, 35 // 4]
    assert fractions == pytest.approx([5 / 30, 2 / 40, 25 / 30, 12 / 40])


def test_every_cell_near_the_centre_says_yes() -> None:
    """A face between four cells is as much a face as one in the middle of a cell."""
    for shift_px in (0.0, 1.0, 2.0, 3.0):
        box = Box(20 + shift_px, 20 + shift_px, 52 + shift_px, 60 + shift_px)
        face = Face(box, None, FRONTAL, False, False)
        heat, _, _, wanted = targets(Scene(np.zeros((ROWS, COLUMNS), np.float32), (face,), ()))
        rows, columns = np.nonzero(heat >= 0.999)
        x, y = box.centre
        assert 1 <= len(rows) <= 4
        assert np.abs(columns * CELL_PX + CELL_PX / 2 - x).max() <= CELL_PX
        assert np.abs(rows * CELL_PX + CELL_PX / 2 - y).max() <= CELL_PX
        assert (wanted[FACE][rows, columns] == 1.0).all()


def test_nothing_outside_the_sensors_frame_is_shown_or_taught(scenes: list[Scene]) -> None:
    margins = set()
    for made in scenes:
        frame = made.frame
        margins.add((frame.width_px, frame.height_px))
        for face in made.faces:
            assert face.box.overlap_px(frame) == pytest.approx(face.box.area_px)
    assert margins == {(COLUMNS - 8, ROWS), (COLUMNS, ROWS - 8), (COLUMNS, ROWS)}


def test_a_face_cut_by_the_frame_keeps_what_is_seen_of_it() -> None:
    whole = Face(Box(-16, 40, 24, 90), Box(-10, 44, 18, 54), FRONTAL, True, False)
    rest = Face(Box(-36, 100, 8, 150), None, FRONTAL, False, False)
    frame = Box(4, 0, COLUMNS - 4, ROWS)
    cut, sliver = clipped(Scene(np.zeros((ROWS, COLUMNS), np.float32), (whole, rest), (), frame)).faces
    assert cut.box == Box(4, 40, 24, 90)
    assert (cut.usable, cut.ignore) == (False, False)
    assert sliver.ignore


def test_dressing_keeps_the_conventions() -> None:
    """A brim is the new top of the face; a covered forehead makes a face unusable; nothing grows."""
    face = Face(Box(40, 40, 80, 95), Box(46, 43, 74, 56), FRONTAL, True, False)
    tops = set()
    for seed in range(80):
        picture = np.full((ROWS, COLUMNS), 22, np.float32)
        picture[30:100, 35:85] = 33
        made = cover(np.random.default_rng(seed), picture, (face,), (), Scene)
        (dressed,) = made.faces
        tops.add(round(dressed.box.y0))
        assert dressed.box.y0 >= face.box.y0
        assert dressed.box.y1 == face.box.y1
        if dressed.forehead:
            assert dressed.forehead.y0 >= dressed.box.y0
        else:
            assert not dressed.usable
    assert len(tops) > 3
