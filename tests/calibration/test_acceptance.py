"""Pass or fail with a margin; what cannot be judged is not passed over, and a failure says what would help."""

from dataclasses import replace

import pytest

from calibration.acceptance import Code, Item, Shown, accept, in_words
from calibration.budget import Found, budget
from edge.core.radiometry import Skin

GOOD = Found(
    source_expanded_k=0.06, source_emissivity=1.0, ambient_c=22.0, fit_u_k=0.01, fit_dof=59, stability_k=0.01,
    stability_dof=9, uniformity_k=0.02, uniformity_dof=3, size_half_width_k=0.02, drift_half_width_k=0.05,
)  # fmt: skip
LEPTON = replace(GOOD, source_expanded_k=0.2, uniformity_k=0.2, uniformity_dof=30, drift_half_width_k=0.17)
SHOWN = Shown(error_k=0.02, stability_k=0.01, uniformity_worst_k=0.05, distance_worst_k=0.03, noise_k=0.02)


def item(code: Code, shown: Shown, found: Found = GOOD) -> Item:
    return next(one for one in accept(shown, budget(found, Skin())).items if one.code == code)


def test_a_good_gate_passes_with_a_margin_and_needs_no_advice() -> None:
    made = accept(SHOWN, budget(GOOD, Skin()))
    assert made.passed
    assert made.advice == ()
    assert all(one.margin_k is None or one.margin_k > 0 for one in made.items)
    assert "合格" in in_words(made).zh


def test_an_honest_lepton_alone_fails_and_is_told_what_would_help() -> None:
    made = accept(SHOWN, budget(LEPTON, Skin()))
    assert not made.passed
    assert made.expanded_k == pytest.approx(0.54, abs=0.06)
    assert made.advice[0].en.startswith("keep people to the middle")
    words = in_words(made)
    assert "不合格" in words.zh
    assert "This camera alone does not reach it" in words.en


def test_the_two_limits_are_judged_apart() -> None:
    between = replace(SHOWN, error_k=0.45 - budget(GOOD, Skin()).expanded_k)
    assert item("laboratory", between).passed is True
    assert item("mpe", between).passed is False


def test_drift_is_judged_from_an_earlier_calibration_only() -> None:
    assert item("stability_drift", SHOWN).passed is None
    week = replace(SHOWN, since_days=7.0, since_k=0.08)
    assert item("stability_drift", week).value_k == pytest.approx(0.01 + 0.16)
    assert item("stability_drift", replace(week, since_k=-0.12)).passed is False
    assert item("stability_drift", replace(week, since_days=180.0)).value_k == pytest.approx(0.09)


def test_what_is_not_a_number_does_not_pass() -> None:
    assert not accept(replace(SHOWN, error_k=float("nan")), budget(GOOD, Skin())).passed
