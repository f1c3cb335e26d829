"""What training puts on people: the truth follows a brim and a fringe, and a coat never reaches a face."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.geometry import Box
from training.augment import COLUMNS, ROWS, Scene, still_seen
from training.dataset import Face
from training.occluders import Wardrobe, clothes, cover, from_behind

FACE = Face(Box(40, 40, 76, 90), Box(44, 43, 72, 55), frozenset({"frontal"}), True, False)
NOTHING = Wardrobe(mask=0.0, hat=0.0, fringe=0.0, glasses=0.0, hand=0.0)
HATS, FRINGES = replace(NOTHING, hat=1.0), replace(NOTHING, fringe=1.0)


def person() -> np.ndarray:
    """A wall of 22 C, a head and a body of 34 C and 28 C."""
    picture = np.full((ROWS, COLUMNS), 22.0, np.float32)
    picture[95:, 20:100] = 28.0
    picture[30:95, 36:80] = 34.0
    return picture


@given(seed=st.integers(0, 10_000), wardrobe=st.sampled_from((HATS, FRINGES)))
def test_a_face_begins_where_what_covers_it_ends(seed: int, wardrobe: Wardrobe) -> None:
    made = cover(np.random.default_rng(seed), person(), (FACE,), (), Scene, wardrobe)
    (face,) = made.faces
    assert (face.box.x0, face.box.x1, face.box.y1) == (40, 76, 90)
    assert 40 < face.box.y0 < 40 + 0.4 * 50
    if face.forehead:
        assert face.forehead.y0 >= face.box.y0
        assert face.forehead.y1 == 55
        assert face.forehead.height_px >= 2
    assert face.usable == (face.forehead is not None)
    assert not np.array_equal(made.picture[:50], person()[:50])


def test_of_a_low_brim_more_is_asked_where_less_counts_as_a_forehead() -> None:
    """A brow of a third is none for the first network, and the second's to find."""
    usual, strict = (replace(HATS, brim=(0.2, 0.2), least_brow=least) for least in (0.2, 0.45))
    draws = (np.random.default_rng(3), np.random.default_rng(3))
    found = [
        cover(draw, person(), (FACE,), (), Scene, one).faces[0]
        for draw, one in zip(draws, (usual, strict), strict=True)
    ]
    assert found[0].forehead is not None
    assert found[1].forehead is None


@given(seed=st.integers(0, 10_000))
def test_coats_are_worn_below_faces_and_by_nobody_else(seed: int) -> None:
    dressed = clothes(np.random.default_rng(seed), person(), (FACE,))
    assert np.array_equal(FACE.box.crop(dressed), FACE.box.crop(person()))
    assert np.array_equal(dressed[:, :15], person()[:, :15])
    assert np.isfinite(dressed).all()


def with_features() -> np.ndarray:
    """The same person with eyes, a nose and a mouth."""
    picture = person()
    picture[56:60, 46:54] = picture[56:60, 62:70] = 35.0
    picture[62:74, 55:61] = 29.0
    picture[80:84, 50:66] = 32.0
    return picture


@given(seed=st.integers(0, 10_000))
def test_a_head_from_behind_has_hair_where_its_face_was_and_is_none(seed: int) -> None:
    picture, faces = from_behind(np.random.default_rng(seed), with_features(), (FACE,), 1.0)
    assert faces == ()
    assert np.isfinite(picture).all()
    # The nose was 5 K colder than the cheeks beside it; of hair no row and column has that at its middle.
    nose, cheeks = picture[64:72, 56:60], np.hstack([picture[64:72, 48:52], picture[64:72, 64:68]])
    assert abs(float(np.median(nose)) - float(np.median(cheeks))) < 3.5
    assert np.array_equal(picture[100:], person()[100:])
    assert np.array_equal(picture[:, :30], person()[:, :30])


def test_some_become_heads_from_behind_and_nobody_of_whom_too_little_is_known() -> None:
    draw = np.random.default_rng(1)
    left = sum(len(from_behind(draw, with_features(), (FACE,), 0.15)[1]) for _ in range(200))
    assert 150 < left < 190
    for kept in (replace(FACE, ignore=True), replace(FACE, tags=frozenset({"occluded"}))):
        picture, faces = from_behind(draw, with_features(), (kept,), 1.0)
        assert faces == (kept,)
        assert np.array_equal(picture, with_features())


def test_most_coats_have_a_pattern() -> None:
    worn = [clothes(np.random.default_rng(k), person(), (FACE,)) for k in range(40)]
    assert 10 < sum(float(np.ptp(one[110:150, 30:90])) > 0.5 for one in worn) < 30


@pytest.mark.parametrize(("columns_seen", "what"), [(36, "whole"), (18, "open"), (2, "none")])
def test_a_face_behind_a_warm_coat_is_none(columns_seen: int, what: str) -> None:
    theirs = np.zeros((ROWS, COLUMNS), bool)
    theirs[:, 40 : 40 + columns_seen] = True
    seen = still_seen((FACE,), theirs)
    if what == "none":
        assert seen == ()
    else:
        assert seen[0].ignore == (what == "open")
        assert seen[0].box == FACE.box
