"""The frames annotated in this repository: whole, in the recordings' terms, and none of them a measured one."""

import json
from typing import Any

import pytest

from edge.core.geometry import Box
from training.augment import SHOWS_NO_FACE
from training.dataset import FURTHER, RECORDINGS, further, load

COLUMNS, ROWS = 160, 120  # of the stored frames
HERE = pytest.mark.skipif(
    not RECORDINGS.exists(), reason="the recordings (../shared/thermal) are not beside this checkout"
)


@pytest.fixture(scope="module")
def frames() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(FURTHER.read_text())["frames"]
    return found


def test_no_frame_is_noted_twice(frames: list[dict[str, Any]]) -> None:
    assert len(frames) > 100
    assert len({(note["recording"], note["frame"]) for note in frames}) == len(frames)


def test_a_frame_is_what_the_recordings_would_call_it(frames: list[dict[str, Any]]) -> None:
    """Training shows the heads without a face more often, and knows them by their category."""
    for note in frames:
        ignored = [face["ignore"] for face in note["faces"]]
        assert note["kind"] == ("face" if ignored else "no_face")
        if not ignored:
            assert note["category"] in {*SHOWS_NO_FACE, "empty", "far_person", "reflection", "other_object"}
        else:
            assert note["category"] == ("only_uncertain_or_far_faces" if all(ignored) else "face")


def test_boxes_lie_in_the_frame_and_foreheads_in_their_faces(frames: list[dict[str, Any]]) -> None:
    whole = Box(0, 0, COLUMNS, ROWS)
    for note in frames:
        for face in note["faces"]:
            box = Box(*face["box"])
            assert box.area_px > 0
            assert box.overlap_px(whole) == box.area_px
            if face["forehead"]:
                forehead = Box(*face["forehead"])
                assert forehead.overlap_px(box) >= 0.8 * forehead.area_px > 0


def test_a_usable_face_is_what_the_recordings_call_usable(frames: list[dict[str, Any]]) -> None:
    """Frontal, whole, known, 20 pixels wide (upright: the stored box's height), its forehead visible."""
    spoilt = {"partial", "occluded", "uncertain", "too_far", "profile", "turned", "motion_blur", "head_down"}
    usable = [face for note in frames for face in note["faces"] if face["usable"]]
    assert len(usable) > 50
    for face in usable:
        assert face["forehead"]
        assert not face["ignore"]
        assert not spoilt & set(face["tags"])
        assert Box(*face["box"]).height_px >= 20


@HERE
def test_no_measured_frame_is_learnt_from() -> None:
    measured = {(sample.recording, sample.frame) for sample in load() if sample.annotated}
    learnt = {(sample.recording, sample.frame) for sample in further()}
    assert learnt
    assert not learnt & measured
