"""A 5 x 5 convolution as two of 3 x 3, one after the other: the pair that comes nearest."""

import numpy as np


def nearest_pair(kernels: np.ndarray, rounds: int = 60, starts: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Kernels [n, 5, 5] -> a, b [n, 3, 3], float32, whose convolution is near to them.

    Least squares for one and the other in turn, from several starts; the best counts.
    """
    draw = np.random.default_rng(0)
    pairs = [_of_one(kernel, draw, rounds, starts) for kernel in kernels]
    return np.array([a for a, _ in pairs], np.float32), np.array([b for _, b in pairs], np.float32)


def _of_one(kernel: np.ndarray, draw: np.random.Generator, rounds: int, starts: int) -> tuple[np.ndarray, np.ndarray]:
    tried = []
    for _ in range(starts):
        a = draw.normal(0, 0.3, (3, 3))
        a[1, 1] += 1.0
        for _ in range(rounds):
            b = _other(kernel, a)
            a = _other(kernel, b)
        tried.append((float(((_spread(a) @ b.ravel() - kernel.ravel()) ** 2).sum()), a, b))
    _, a, b = min(tried, key=lambda each: each[0])
    # The same product, shared out evenly: neither layer alone learns quicker.
    even = float(np.sqrt(np.linalg.norm(b) / max(float(np.linalg.norm(a)), 1e-9)))
    return a * even, b / max(even, 1e-9)


def _spread(a: np.ndarray) -> np.ndarray:
    """[25, 9]: what convolving a [3, 3] with another [3, 3] does."""
    table = np.zeros((5, 5, 3, 3))
    for y in range(3):
        for x in range(3):
            table[y : y + 3, x : x + 3, y, x] = a
    return table.reshape(25, 9)


def _other(kernel: np.ndarray, a: np.ndarray) -> np.ndarray:
    found, *_ = np.linalg.lstsq(_spread(a), kernel.ravel(), rcond=None)
    return np.asarray(found).reshape(3, 3)
