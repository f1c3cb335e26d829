"""The reference in the frame: found, followed, and refused when it is not what it was."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.core.geometry import Box
from edge.core.reference import RELOCK_S, Reference, ReferenceState, expected_at, find_disc, forget_offset, watch
from edge.core.texts import REFERENCES
from tests.core.scenes import DISC, INTERVAL_S, REFERENCE_C, ROOM_C, face, room


def run(reference: Reference, pictures: list[np.ndarray], first: int = 0) -> Reference:
    for k, picture in enumerate(pictures):
        reference = watch(reference, picture, (first + k) * INTERVAL_S)
    return reference


def trusted(offset_k: float = 0.0) -> Reference:
    return run(Reference(REFERENCE_C), [room(seed) + np.float32(offset_k) for seed in range(10)])


@settings(max_examples=30)
@given(x=st.integers(10, 109), y=st.integers(10, 149))
def test_the_disc_is_found_wherever_it_hangs(x: int, y: int) -> None:
    picture = np.full((160, 120), ROOM_C, dtype=np.float32)
    yy, xx = np.mgrid[:160, :120]
    picture[(xx - x) ** 2 + (yy - y) ** 2 <= 6.3**2] = REFERENCE_C
    found = find_disc(picture)
    assert found is not None
    assert found.iou(Box(x - 6, y - 6, x + 7, y + 7)) > 0.6


def test_a_face_or_an_empty_room_is_no_reference() -> None:
    picture = np.full((160, 120), ROOM_C, dtype=np.float32)
    assert find_disc(picture) is None
    face(picture, 40, 30, 34, 35.0)
    assert find_disc(picture) is None


def test_it_is_believed_only_after_it_stayed_in_place() -> None:
    states = []
    reference = Reference(REFERENCE_C)
    for k in range(7):
        reference = watch(reference, room(k), k * INTERVAL_S)
        states.append(reference.state)
    assert states[:3] == ["locking"] * 3
    assert states[-1] == "trusted"


def test_a_known_place_is_believed_at_once() -> None:
    assert watch(Reference(REFERENCE_C, given_region=DISC), room(), 0.0).trusted
    assert watch(expected_at(REFERENCE_C, DISC), room(), 0.0).trusted


def test_a_hint_that_does_not_hold_is_given_up_for_a_search() -> None:
    reference = run(expected_at(REFERENCE_C, Box(80, 20, 93, 33)), [room(k) for k in range(8)])
    assert reference.trusted
    assert reference.region is not None
    assert reference.region.iou(DISC) > 0.6


@pytest.mark.parametrize("offset_k", [-8.0, -1.5, 0.0, 2.5])
def test_the_offset_is_what_the_camera_is_wrong_by(offset_k: float) -> None:
    assert trusted(offset_k).offset_k == pytest.approx(-offset_k, abs=0.02)


def test_a_slow_drift_is_followed() -> None:
    reference = trusted()
    for k in range(10, 300):
        t_s = k * INTERVAL_S
        reference = watch(reference, room(k) + np.float32(1.5 / 60 * t_s), t_s)
        assert reference.trusted
        assert reference.offset_k == pytest.approx(-1.5 / 60 * t_s, abs=0.05)


def test_a_step_is_refused_and_the_offset_kept() -> None:
    before = trusted()
    after = watch(before, room(11) + np.float32(0.8), 11 * INTERVAL_S)
    assert after.state == "innovation"
    assert after.offset_k == before.offset_k


def other_reference(seed: int, reference_c: float) -> np.ndarray:
    """The room as before, with a reference of another temperature."""
    picture = room(seed)
    picture[picture > 30] += np.float32(reference_c - REFERENCE_C)
    return picture


@pytest.mark.parametrize("reference_c", [34.0, 36.3, 37.8, 40.0])
def test_a_reference_that_is_exchanged_or_set_anew_is_not_believed(reference_c: float) -> None:
    reference = trusted()
    for k in range(10, 400):
        reference = watch(reference, other_reference(k, reference_c), k * INTERVAL_S)
        assert not reference.trusted
    assert watch(reference, room(400), 400 * INTERVAL_S).trusted


def test_nor_is_one_that_was_exchanged_while_the_shutter_was_closed() -> None:
    reference = forget_offset(trusted())
    for k in range(10, 60):
        reference = watch(reference, other_reference(k, 40.0), k * INTERVAL_S)
        assert not reference.trusted


def test_one_that_slowly_warms_up_is_refused_before_it_is_wrong_by_a_fever() -> None:
    reference = trusted()
    for k in range(10, 500):
        warmer_k = 0.05 * (k - 10) * INTERVAL_S
        reference = watch(reference, other_reference(k, REFERENCE_C + warmer_k), k * INTERVAL_S)
        if reference.trusted:
            assert reference.offset_k is not None
            assert abs(reference.offset_k) < 1.3
    assert reference.state == "changed"


def test_a_hot_cup_does_not_take_the_place_of_a_covered_reference() -> None:
    reference = run(Reference(REFERENCE_C), [room(seed) for seed in range(10)])
    y, x = np.mgrid[:160, :120]
    for k in range(10, 200):
        picture = room(k)
        DISC.crop(picture)[:] = 29.0
        picture[(x - 90) ** 2 + (y - 40) ** 2 <= 6.3**2] = 41.0
        reference = watch(reference, picture, k * INTERVAL_S)
        assert not reference.trusted


def test_a_warm_blob_that_is_no_disc_is_never_found() -> None:
    picture = np.full((160, 120), ROOM_C, dtype=np.float32)
    picture[60:64, 10:100] = 31.0
    assert find_disc(picture) is None


def test_what_was_not_seen_for_ten_minutes_is_learnt_anew() -> None:
    reference = trusted()
    later = watch(reference, other_reference(1, 39.0), 10 * INTERVAL_S)
    assert not later.trusted
    again_s = 10 * INTERVAL_S + 601.0
    assert run_at(later, [other_reference(k, 39.0) for k in range(6)], again_s).trusted


def run_at(reference: Reference, pictures: list[np.ndarray], t_s: float) -> Reference:
    for k, picture in enumerate(pictures):
        reference = watch(reference, picture, t_s + k * INTERVAL_S)
    return reference


def test_a_step_of_the_camera_that_stays_becomes_the_new_truth_only_after_a_while() -> None:
    reference, accepted_s = trusted(), None
    start_s = 10 * INTERVAL_S
    for k in range(10, 10 + int(3 * RELOCK_S / INTERVAL_S)):
        reference = watch(reference, room(k) + np.float32(0.8), k * INTERVAL_S)
        if reference.trusted and accepted_s is None:
            accepted_s = k * INTERVAL_S - start_s
    assert accepted_s is not None
    assert accepted_s >= RELOCK_S
    assert reference.offset_k == pytest.approx(-0.8, abs=0.03)


def test_somebody_in_front_of_it_gives_no_reading() -> None:
    picture = room(11)
    DISC.crop(picture)[:, 5:] = 30.0
    covered = watch(trusted(), picture, 11 * INTERVAL_S)
    assert covered.state == "not_uniform"
    assert covered.measured_c is None
    assert watch(covered, room(12), 12 * INTERVAL_S).trusted


def test_one_that_went_cold_is_not_believed() -> None:
    picture = room(11)
    picture[:] = np.where(picture > 30, ROOM_C, picture)
    assert not watch(trusted(), picture, 11 * INTERVAL_S).trusted


def test_after_a_shutter_event_the_place_is_known_and_the_offset_is_not() -> None:
    reference = forget_offset(trusted())
    assert reference.offset_k is None
    again = watch(reference, room(20) + np.float32(0.7), 20 * INTERVAL_S)
    assert again.trusted
    assert again.offset_k == pytest.approx(-0.7, abs=0.03)


def test_in_a_hot_room_a_reference_in_its_known_place_is_believed() -> None:
    picture = room()
    picture[picture < 30] += np.float32(35.3 - ROOM_C)  # 36.5 C beside the disc
    reference = Reference(REFERENCE_C, given_region=DISC)
    assert watch(reference, picture, 0.0).state == "locking"
    assert run(reference, [picture] * 5).trusted


def test_a_coat_that_passes_where_the_reference_should_be_is_not_believed() -> None:
    nothing = room(1)
    nothing[nothing > 30] = ROOM_C
    coat = nothing.copy()
    coat[100:160, 10:60] = 30.0
    DISC.crop(coat)[:] = 30.3
    reference = run(Reference(REFERENCE_C, given_region=DISC), [nothing, coat, coat, coat, nothing, coat, coat])
    assert not reference.trusted
    assert reference.offset_k is None


def test_every_state_that_is_not_trusted_has_its_words() -> None:
    assert set(REFERENCES) == set(get_args(ReferenceState)) - {"trusted"}
