"""A 5 x 5 convolution as two of 3 x 3."""

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from training.pairs import nearest_pair


def one_after_the_other(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """What an impulse becomes, turned back: the one kernel that both together are."""
    impulse = np.zeros((9, 9))
    impulse[4, 4] = 1.0
    first = cv2.filter2D(impulse, cv2.CV_64F, a.astype(np.float64), borderType=cv2.BORDER_CONSTANT)
    both = cv2.filter2D(first, cv2.CV_64F, b.astype(np.float64), borderType=cv2.BORDER_CONSTANT)
    return np.array(both[::-1, ::-1][2:7, 2:7])


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None)
def test_what_is_a_pair_is_nearly_found_again(seed: int) -> None:
    draw = np.random.default_rng(seed)
    truth = one_after_the_other(draw.normal(0, 1, (3, 3)), draw.normal(0, 1, (3, 3)))
    a, b = nearest_pair(truth[None])
    missed = one_after_the_other(a[0], b[0]) - truth
    assert (missed**2).sum() < 0.2 * (truth**2).sum()


def test_what_is_none_comes_nearer_than_its_middle() -> None:
    kernels = np.random.default_rng(3).normal(0, 1, (20, 5, 5))
    a, b = nearest_pair(kernels)
    near = np.array([one_after_the_other(*pair) for pair in zip(a, b, strict=True)])
    middle = np.zeros_like(kernels)
    middle[:, 1:4, 1:4] = kernels[:, 1:4, 1:4]
    assert ((near - kernels) ** 2).sum() < 0.75 * ((middle - kernels) ** 2).sum()


def test_a_kernel_of_nothing_stays_nothing() -> None:
    a, b = nearest_pair(np.zeros((1, 5, 5)))
    assert not one_after_the_other(a[0], b[0]).any()
