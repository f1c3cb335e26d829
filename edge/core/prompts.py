"""Verdict and reasons -> what the gate says aloud: one short sentence, for the person who stands there."""

from collections.abc import Sequence


def prompt_for(verdict: str, reasons: Sequence[str]) -> str | None:
    """The code of the prompt, None when silence is better."""
    return "pass" if verdict == "pass" else reasons[0]
