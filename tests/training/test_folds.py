"""What each fold learns from: nothing of the cameras it leaves out, whichever fold was asked for before."""

import pytest

from training.augment import SHOWS_NO_FACE
from training.dataset import LEFT_OUT, RECORDINGS, is_left_out, names, seen, seen_evenly, seen_hard

pytestmark = pytest.mark.skipif(not RECORDINGS.exists(), reason="the recordings (../shared/thermal) are not here")


@pytest.mark.parametrize("first", sorted(LEFT_OUT))
@pytest.mark.parametrize("learnt_from", [seen, seen_hard, seen_evenly])
def test_no_fold_sees_what_it_leaves_out(first: str, learnt_from: object) -> None:
    assert callable(learnt_from)
    learnt_from(first)
    for fold in LEFT_OUT:
        faces, free = learnt_from(fold)
        assert faces
        assert free
        assert not any(is_left_out(sample, fold) for sample in faces + free)
        assert not any(sample.camera in LEFT_OUT[fold] for sample in faces + free)


def test_all_folds_together_see_every_recording_with_faces() -> None:
    everywhere = set(names(seen("all")[0]))
    assert everywhere == set(names(seen("without_a")[0])) | set(names(seen("without_bc")[0]))


@pytest.mark.parametrize("fold", sorted(LEFT_OUT))
def test_what_is_hard_is_profiles_hidden_faces_and_heads_from_behind(fold: str) -> None:
    (known, _), (faces, free) = seen(fold), seen_hard(fold)
    before = {(sample.recording, sample.frame) for sample in known}
    more = [sample for sample in faces if (sample.recording, sample.frame) not in before]
    assert len(more) > 10
    assert not any(face.usable for sample in more for face in sample.faces)
    # Training asks for these by their category.
    assert sum(sample.category in SHOWS_NO_FACE for sample in free) > 20
