"""What the second network is taught: true faces as such, what lies beside them as none, doubtful places not at all."""

import numpy as np
import pytest

from edge.adapters.detector_dnn import Proposer, shipped_models
from edge.core.geometry import Box
from training.augment import COLUMNS, ROWS, Scene
from training.dataset import Face, Sample, spread
from training.looks import looks, truth
from training.synthetic import people

FRONTAL = frozenset({"frontal"})
FACE = Face(Box(40, 40, 80, 94), Box(46, 44, 74, 56), FRONTAL, True, False)


@pytest.fixture(scope="module")
def first() -> Proposer:
    return Proposer(shipped_models().first)


def drawn(seed: int) -> Scene:
    picture, faces = people(np.random.default_rng(seed), ROWS, COLUMNS)
    return Scene((22 + 12 * picture).astype(np.float32), faces, ())


def corners(box: Box) -> np.ndarray:
    return np.array([box.x0, box.y0, box.x1, box.y1])


def test_the_same_draw_gives_the_same_lessons(first: Proposer) -> None:
    one, other = (looks(np.random.default_rng(7), drawn(3), first) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_lessons_hold_faces_and_others_in_the_terms_of_their_window(first: Proposer) -> None:
    told = np.concatenate([looks(np.random.default_rng(k), drawn(k), first)[1] for k in range(30)])
    is_face = told[:, 0] == 1
    assert 0.2 < is_face.mean() < 0.6
    assert set(told[:, 0]) == {0.0, 1.0}
    assert (told[~is_face, 4:] == -1).all()
    box = told[is_face, 4:8]
    assert ((box >= 0) & (box <= 1)).all()
    assert (box[:, 2] > box[:, 0]).all()
    # The window is 1.7 face heights wide around what was proposed, so that a face fills about half of it.
    assert np.median(box[:, 3] - box[:, 1]) == pytest.approx(1 / 1.7, abs=0.08)
    bare = is_face & (told[:, 1] == 1)
    assert (told[bare, 9] >= told[bare, 5] - 0.05).all()


def test_a_place_is_a_face_none_or_doubtful() -> None:
    far = Face(Box(100, 20, 112, 36), None, FRONTAL, False, True)
    made = Scene(np.zeros((ROWS, COLUMNS), np.float32), (FACE, far), (Box(0, 120, 30, 160),))
    assert truth(corners(FACE.box), made) is FACE
    assert truth(corners(Box(44, 44, 84, 98)), made) is FACE
    assert truth(corners(Box(40, 96, 80, 150)), made) is False
    assert truth(corners(Box(40, 70, 80, 124)), made) is None  # half a face
    assert truth(corners(far.box), made) is None
    assert truth(corners(Box(5, 125, 25, 150)), made) is None


def test_a_long_visit_weighs_as_the_root_of_its_frames() -> None:
    picture = np.zeros((4, 4), np.float32)
    frames = [Sample(picture, (), (), "long", "A", k, True) for k in range(16)]
    frames += [Sample(picture, (), (), "short", "A", k, True) for k in range(4)]
    names = [sample.recording for sample in spread(frames)]
    assert names.count("long") == 2 * names.count("short")
