"""The simulator's people as training sees them: their truth is where the picture shows it."""

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.simulated import HIDDEN, people

ROWS, COLUMNS = 160, 128
SEEDS = st.integers(0, 10_000)


@given(seed=SEEDS)
def test_the_same_draw_gives_the_same_people(seed: int) -> None:
    (picture, faces), (again, same) = (people(np.random.default_rng(seed), ROWS, COLUMNS) for _ in range(2))
    assert np.array_equal(picture, again)
    assert faces == same


@given(seed=SEEDS)
def test_a_face_that_counts_is_hidden_by_nobody_and_shows_its_forehead_where_it_is_told(seed: int) -> None:
    picture, faces = people(np.random.default_rng(seed), ROWS, COLUMNS)
    assert picture.shape == (ROWS, COLUMNS)
    assert np.isfinite(picture).all()
    certain = [face for face in faces if not face.ignore]
    for one, other in combinations(certain, 2):
        assert one.box.overlap_px(other.box) <= HIDDEN * max(one.box.area_px, other.box.area_px)
    for face in certain:
        assert not face.usable or face.forehead is not None
        forehead = None if face.forehead is None else face.forehead.clipped(COLUMNS, ROWS)
        if forehead is not None and forehead.width_px >= 6 and forehead.height_px >= 4:
            # Skin all over: no hair, no brim, nobody else's coat, whatever is warmer here.
            assert np.ptp(forehead.crop(picture)) < 2.5


def test_most_are_alone_or_two_and_some_are_not_to_be_learnt() -> None:
    seen = [people(np.random.default_rng(seed), ROWS, COLUMNS)[1] for seed in range(200)]
    faces = [face for some in seen for face in some]
    assert 200 < len(faces) < 400
    assert 0.4 < sum(face.usable for face in faces) / len(faces) < 0.9
    assert any(face.ignore for face in faces)
    assert any(not face.ignore and face.forehead is None for face in faces)
