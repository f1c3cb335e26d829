"""Student's t: how many standard uncertainties hold 95.45 % of the results when there are few degrees of freedom.

GUM, annex G.3 and table G.2 (a level of 95.45 % is k = 2 of a normal distribution).
"""

import math

LEVEL = 0.9545


def coverage_factor(dof: float, level: float = LEVEL) -> float:
    """k with P(|t| <= k) = level for `dof` degrees of freedom (1 or more, math.inf for a normal distribution)."""
    if dof < 1:
        raise ValueError(f"{dof} degrees of freedom")
    low, high = 0.0, 1_000.0
    for _ in range(100):
        middle = (low + high) / 2
        if _within(middle, dof) < level:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _within(t: float, dof: float) -> float:
    """P(|t'| <= t)."""
    if dof > 1e6:
        return math.erf(t / math.sqrt(2))
    return 1.0 - _incomplete_beta(dof / 2, 0.5, dof / (dof + t * t))


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """Regularised I_x(a, b), by its continued fraction (Abramowitz and Stegun 26.5.8; Lentz's method)."""
    if x <= 0.0 or x >= 1.0:
        return min(max(x, 0.0), 1.0)
    if x > (a + 1) / (a + b + 2):
        return 1.0 - _incomplete_beta(b, a, 1.0 - x)
    front = math.exp(
        a * math.log(x) + b * math.log1p(-x) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) - math.log(a)
    )
    value, c, d = 1.0, 1.0, 0.0
    for step in range(300):
        m = step // 2
        if step == 0:
            term = 1.0
        elif step % 2 == 0:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        else:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1.0 / _never_zero(1.0 + term * d)
        c = _never_zero(1.0 + term / c)
        value *= c * d
        if abs(1.0 - c * d) < 1e-12:
            break
    return front * (value - 1.0)


def _never_zero(number: float) -> float:
    return number if abs(number) > 1e-30 else 1e-30
