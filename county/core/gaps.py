"""Sequence numbers -> the runs that are missing. A gate numbers its records from 1 without holes."""

from collections.abc import Iterable

Runs = list[tuple[int, int]]


def missing_runs(stored: Iterable[tuple[int | None, int]]) -> Runs:
    """The runs (first, last) that lie before each stored number; (number before it that is stored or None, number)."""
    return [((before or 0) + 1, seq - 1) for before, seq in stored if seq > (before or 0) + 1]


def with_end(runs: Runs, highest: int, known: int) -> Runs:
    """The runs, and what is missing behind the highest stored number: a gate has said that `known` exists."""
    return [*runs, (highest + 1, known)] if known > highest else runs


def complete_to(runs: Runs, highest: int) -> int:
    """The number up to which nothing is missing, with these runs in order below the highest stored one."""
    return runs[0][0] - 1 if runs else highest
