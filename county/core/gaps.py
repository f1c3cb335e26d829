"""Sequence numbers -> the runs that are missing. A gate numbers its records from 1 without holes."""

from collections.abc import Iterable


def missing_runs(stored: Iterable[tuple[int | None, int]]) -> list[tuple[int, int]]:
    """The runs (first, last) that lie before each stored number; (number before it that is stored or None, number)."""
    return [((before or 0) + 1, seq - 1) for before, seq in stored if seq > (before or 0) + 1]
