"""From the networks' answers to faces: one box per face, put right by the second look."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.core.face_answers import (
    BINS,
    DOUBT_BELOW,
    DOUBT_SAY,
    HEADSTART,
    LOOK_ANSWERS,
    LOOK_EDGES,
    LOOK_FACE,
    MOST_DOUBT,
    READABLE_SHIFT,
    SECOND_SAY,
    SUREST,
    WITNESS_LOGIT,
    Found,
    decode,
    second_look,
    window,
    worth_a_look,
)


def answers(*faces: tuple[int, int, float]) -> NDArray[np.float32]:
    """Answers [11, 40, 32] in which the given cells (row, column, logit) each claim a face of 32 x 32 pixels."""
    maps = np.zeros((11, 40, 32), np.float32)
    maps[0] = -9.0
    maps[5:9] = np.array([0.25, 0.1, 0.75, 0.3], np.float32)[:, None, None]
    maps[9:] = 4.0
    for row, column, logit in faces:
        maps[0, row, column] = logit
    return maps


def test_a_cell_becomes_its_box_and_forehead() -> None:
    found = decode(answers((10, 20, 3.0)), 0.5, 12)
    assert found.boxes.tolist() == [pytest.approx([66.0, 26.0, 98.0, 58.0])]
    assert found.foreheads.tolist() == [pytest.approx([74.0, 29.2, 90.0, 35.6])]
    assert found.scores == pytest.approx(1 / (1 + np.exp(-3.0)))
    assert found.bare == pytest.approx(1 / (1 + np.exp(-4.0)))
    assert found.readable == pytest.approx(1 / (1 + np.exp(-4.0 - READABLE_SHIFT)))


def test_neighbouring_cells_are_one_face_and_far_ones_two() -> None:
    found = decode(answers((10, 10, 2.0), (10, 11, 3.0), (10, 24, 1.0)), 0.5, 12)
    assert len(found.boxes) == 2
    assert found.scores[0] > found.scores[1]
    # The best cell's box moves towards its neighbour's, which is 4 pixels to the left.
    assert 26.0 < found.boxes[0][0] < 30.0


def test_a_cell_too_weak_to_claim_a_face_helps_to_place_one() -> None:
    alone = decode(answers((10, 10, 3.0)), 0.5, 12)
    helped = decode(answers((10, 10, 3.0), (10, 11, -0.5)), 0.5, 12)
    nothing = decode(answers((10, 11, -0.5)), 0.5, 12)
    assert len(nothing.scores) == 0
    assert helped.scores == pytest.approx(alone.scores)
    assert alone.boxes[0][0] < helped.boxes[0][0] < alone.boxes[0][0] + 2.0


def test_nothing_above_the_score_gives_nothing() -> None:
    found = decode(answers((10, 10, -1.0)), 0.5, 12)
    assert len(found.scores) == 0
    assert found.boxes.shape == (0, 4)


def test_no_more_faces_than_asked_for() -> None:
    far_apart = tuple((row, column, 2.0) for row in (4, 16, 28) for column in (4, 16, 28))
    assert len(decode(answers(*far_apart), 0.5, 5).boxes) == 5


EDGES = (0.3, 0.25, 0.7, 0.8, 0.4, 0.3, 0.6, 0.45)
WINDOW = (20.0, 30.0, 50.0)


def proposed(*scores: float) -> Found:
    """Proposals of these scores; where they lie does not count any more."""
    n, nowhere = len(scores), np.zeros((len(scores), 4))
    return Found(np.array(scores), nowhere, nowhere, np.zeros(n), np.full(n, 0.7))


def told(*logits: float, edges: tuple[float, ...] = EDGES) -> NDArray[np.float32]:
    """Answers [n, 99] that put the edges at these shares of the window."""
    answers = np.zeros((len(logits), LOOK_ANSWERS), np.float32)
    answers[:, LOOK_FACE] = logits
    answers[:, 1:LOOK_EDGES] = 3.0
    at = (np.arange(BINS) + 0.5) / BINS
    for k, edge in enumerate(edges):
        # A narrow bell has its mean where it was put.
        answers[:, LOOK_EDGES + k * BINS : LOOK_EDGES + (k + 1) * BINS] = -((at - edge) ** 2) / (2 * 0.06**2)
    return answers


def test_a_window_shows_more_than_the_face_and_has_it_in_the_middle() -> None:
    x0, y0, side = window(np.array([40.0, 40.0, 70.0, 80.0]))
    assert (x0 + side / 2, y0 + side / 2) == pytest.approx((55.0, 60.0))
    assert side > 1.5 * 40


def test_edges_come_back_to_the_pictures_pixels() -> None:
    found = second_look(told(8.0), np.array([WINDOW]), proposed(0.5), 0.5, 12)
    assert found.boxes.tolist() == [pytest.approx([35.0, 42.5, 55.0, 70.0], abs=0.3)]
    assert found.foreheads.tolist() == [pytest.approx([40.0, 45.0, 50.0, 52.5], abs=0.3)]
    assert found.readable == pytest.approx(0.7)


def test_the_look_and_the_proposal_have_a_say() -> None:
    one = second_look(told(8.0), np.array([WINDOW]), proposed(0.5), 0.5, 12)
    assert one.scores == pytest.approx(1 / (1 + np.exp(-HEADSTART - 8.0 * SECOND_SAY)))
    surer = second_look(told(8.0), np.array([WINDOW]), proposed(0.8), 0.5, 12)
    assert surer.scores == pytest.approx(1 / (1 + np.exp(-HEADSTART - 8.0 * SECOND_SAY) / 4))
    assert len(second_look(told(-8.0), np.array([WINDOW]), proposed(0.5), 0.5, 12).scores) == 0


def test_a_looks_doubt_counts_more_than_its_belief_of_what_is_not_fit_to_be_read() -> None:
    def logit(said: float, readable: float) -> float:
        one = replace(proposed(0.5), readable=np.array([readable]))
        (score,) = second_look(told(said), np.array([WINDOW]), one, 1e-6, 12).scores
        return float(np.log(score / (1 - score)))

    for readable in (0.0, 0.5, 1.0):
        belief = logit(DOUBT_BELOW + 3.0, readable) - logit(DOUBT_BELOW, readable)
        assert belief == pytest.approx(3.0 * SECOND_SAY)
        for lacking in (0.5, MOST_DOUBT, 3.0):
            doubt = logit(DOUBT_BELOW, readable) - logit(DOUBT_BELOW - lacking, readable)
            counted = min(lacking, MOST_DOUBT)
            assert doubt == pytest.approx(lacking * SECOND_SAY + counted * DOUBT_SAY * (1.0 - readable))


def test_a_proposal_that_is_certain_stays_finite() -> None:
    windows = np.array([WINDOW, (90.0, 30.0, 50.0)])
    assert np.isfinite(second_look(told(1.0, 1.0), windows, proposed(1.0, 0.0), 0.5, 12).scores).all()


def test_two_looks_at_one_face_are_one_and_a_no_is_none() -> None:
    windows = np.array([WINDOW, (21.0, 30.0, 50.0), (90.0, 30.0, 50.0)])
    found = second_look(told(7.0, 8.0, -9.0), windows, proposed(0.5, 0.5, 0.5), 0.5, 12)
    assert len(found.scores) == 1
    assert found.scores == pytest.approx(1 / (1 + np.exp(-HEADSTART - 8.0 * SECOND_SAY)))
    assert 35.0 < found.boxes[0][0] < 36.1


@pytest.mark.parametrize("min_score", [0.2, 0.5, 0.8])
def test_what_is_not_looked_at_again_would_not_have_reached_the_score(min_score: float) -> None:
    least, sure = worth_a_look(min_score), told(SUREST)
    assert len(second_look(sure, np.array([WINDOW]), proposed(least), min_score, 12).scores) == 0
    reaches = 1 / (1 + (1 / least - 1) * np.exp(-WITNESS_LOGIT))
    assert len(second_look(sure, np.array([WINDOW]), proposed(reaches - 0.01), min_score, 12).scores) == 0
    assert len(second_look(sure, np.array([WINDOW]), proposed(reaches + 0.01), min_score, 12).scores) == 1


def test_a_weaker_proposal_of_a_face_steadies_its_edges_and_is_looked_at() -> None:
    windows = np.array([WINDOW, (22.0, 30.0, 50.0)])
    weaker = 1 / (1 + np.exp(HEADSTART + 5.0 * SECOND_SAY + WITNESS_LOGIT - 0.01))
    assert worth_a_look(0.5) < weaker
    alone = second_look(told(5.0), windows[:1], proposed(0.6), 0.5, 12)
    assert len(second_look(told(5.0), windows[1:], proposed(weaker), 0.5, 12).scores) == 0
    both = second_look(told(5.0, 5.0), windows, proposed(0.6, weaker), 0.5, 12)
    assert len(both.scores) == 1
    assert alone.boxes[0][0] + 0.3 < both.boxes[0][0] < alone.boxes[0][0] + 1.7


def test_more_is_looked_at_than_could_reach_the_score() -> None:
    sure = told(SUREST)
    between = worth_a_look(0.5) + 0.01
    assert len(second_look(sure, np.array([WINDOW]), proposed(between), 0.5, 12).scores) == 0
