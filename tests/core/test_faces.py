"""Detections that can be faces."""

from edge.core.faces import Detection, plausible, stands_in_zone
from edge.core.geometry import Box

FACE = Detection(Box(40, 30, 70, 70), 0.9, Box(45, 32, 65, 42), 0.9)


def test_a_face_stays_and_the_best_comes_first() -> None:
    other = Detection(Box(80, 30, 105, 62), 0.95, None, 0.2)
    assert plausible([FACE, other], None, 0.5) == (other, FACE)


def test_the_unsure_the_misshapen_and_the_doubled_go() -> None:
    unsure = Detection(Box(0, 0, 30, 40), 0.4, None, 0.9)
    flat = Detection(Box(0, 100, 60, 120), 0.9, None, 0.9)
    tiny = Detection(Box(5, 5, 9, 10), 0.9, None, 0.9)
    doubled = Detection(Box(42, 31, 71, 70), 0.8, None, 0.9)
    assert plausible([unsure, flat, tiny, doubled, FACE], None, 0.5) == (FACE,)


def test_the_reference_is_no_face_but_a_face_before_it_is() -> None:
    disc = Box(20, 130, 33, 143)
    on_it = Detection(Box(18, 127, 36, 147), 0.9, None, 0.9)
    before_it = Detection(Box(5, 110, 45, 158), 0.9, None, 0.9)
    small_before_it = Detection(Box(16, 118, 42, 153), 0.9, None, 0.9)
    assert plausible([on_it, before_it], disc, 0.5) == (before_it,)
    assert plausible([small_before_it], disc, 0.5) == (small_before_it,)


def test_a_profile_in_the_zone_is_told_by_its_height() -> None:
    assert stands_in_zone(Box(40, 30, 60, 50), 20.0)
    assert stands_in_zone(Box(40, 30, 55, 60), 20.0)
    assert not stands_in_zone(Box(40, 30, 55, 55), 20.0)
