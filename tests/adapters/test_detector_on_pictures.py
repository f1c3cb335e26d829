"""The shipped weights on simulated and recorded people: is the file in the package the one that was trained?

Not a measurement: the recorded people are in its training. What it does on strangers is in docs/benchmark.md.
"""

import numpy as np
import pytest

from edge.adapters.camera_sim import SimCamera, SimSettings
from edge.adapters.detector_dnn import DnnFaceDetector
from edge.core.faces import Detection
from edge.core.frame import Frame, celsius
from edge.core.geometry import Box, Rotation, upright
from tools.bench_scoring import score, total
from training.dataset import RECORDINGS, load

NEAR_PX = 20


@pytest.fixture(scope="module")
def detector() -> DnnFaceDetector:
    return DnnFaceDetector()


def near(found: tuple[Detection, ...], box: Box) -> Detection | None:
    """The detection on that face, if there is one (IoU 0.4)."""
    return next((each for each in found if each.box.iou(box) >= 0.4), None)


@pytest.mark.parametrize("rotation_deg", [0, 90, 180, 270])
def test_simulated_people_who_stand_before_the_gate_are_found(
    detector: DnnFaceDetector, rotation_deg: Rotation
) -> None:
    camera = SimCamera(SimSettings(seed=5, people=8, rotation_deg=rotation_deg))
    standing = found = with_forehead = false = 0
    while isinstance(frame := camera.read(1.0), Frame):
        if frame.seq % 4:
            continue
        seen = detector.detect(np.ascontiguousarray(upright(celsius(frame), rotation_deg)))
        faces = camera.truth(frame.seq).faces
        for face in faces:
            if face.standing and face.box.width_px >= NEAR_PX and face.forehead:
                best = near(seen, face.box)
                standing += 1
                found += best is not None
                with_forehead += best is not None and best.forehead is not None
        false += sum(all(each.box.overlap_px(face.box) == 0 for face in faces) for each in seen)
    assert standing >= 10
    assert found >= 0.9 * standing
    assert with_forehead >= 0.9 * standing
    assert false == 0


@pytest.mark.skipif(not RECORDINGS.exists(), reason="the recordings (../shared/thermal) are not beside this checkout")
def test_recorded_people_whom_it_learnt_are_found_again(detector: DnnFaceDetector) -> None:
    samples = [sample for sample in load() if sample.annotated][::4]
    tally = total(score(sample, detector.detect(sample.picture)) for sample in samples)
    assert tally.recall_usable >= 0.9
    assert tally.precision >= 0.9
    assert tally.forehead_hits >= 0.85 * tally.usable_found


@pytest.mark.skipif(not RECORDINGS.exists(), reason="the recordings (../shared/thermal) are not beside this checkout")
def test_counts_show_the_same_faces_as_degrees(detector: DnnFaceDetector) -> None:
    for sample in [sample for sample in load() if sample.annotated and sample.camera != "T"][::40]:
        counts = np.round((sample.picture + np.float32(273.15)) * 100).astype(np.float32)
        in_degrees, in_counts = detector.detect(sample.picture), detector.detect(counts)
        assert len(in_degrees) == len(in_counts)
        for a, b in zip(in_degrees, in_counts, strict=True):
            assert a.box.iou(b.box) > 0.95
