"""The comparison of alarm rules: nobody is asked who set the alarms, and what is granted is kept to."""

from pathlib import Path

import numpy as np
import pytest

from tools import bench_thresholds
from tools.bench_thresholds import SPECIFICITY, People, Rule, cross_validated, rules


def crowd(seed: int, people: int, forehead_says: float, face_says: float) -> People:
    """A tenth with a fever, by which forehead and face are so much warmer (in standard deviations)."""
    rng = np.random.default_rng(seed)
    fever = np.arange(people) % 10 == 0
    forehead_c = 34.9 + 0.5 * (rng.normal(size=people) + forehead_says * fever)
    return People(forehead_c, 35.5 + 0.5 * (rng.normal(size=people) + face_says * fever), fever)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_every_rule_is_granted_the_same_false_alarms(rule: Rule) -> None:
    people = crowd(1, 1000, 1.5, 2.5)
    alarms = rule.alarms(people, *rule.fit(people))
    assert 1 - alarms[~people.fever].mean() == pytest.approx(SPECIFICITY, abs=0.002)
    assert alarms[people.fever].mean() > alarms[~people.fever].mean()


def test_temperatures_that_say_nothing_find_nobody_whatever_the_alarms_saw() -> None:
    for rule in rules():
        sensitivity, specificity = cross_validated(rule, crowd(2, 400, 0.0, 0.0))
        assert sensitivity == pytest.approx(1 - specificity, abs=0.06)


def test_those_who_are_asked_have_not_set_the_alarms() -> None:
    seen: list[set[float]] = []

    def fit(people: People) -> tuple[float, float]:
        seen.append(set(people.forehead_c))
        return 35.0, np.inf

    people = crowd(3, 100, 1.0, 1.0)
    cross_validated(Rule("watched", fit), people)
    everybody = set(people.forehead_c)
    asked = [everybody - others for others in seen]
    assert all(len(one) == 10 for one in asked)
    for first in range(0, len(asked), bench_thresholds.FOLDS):
        assert set.union(*asked[first : first + bench_thresholds.FOLDS]) == everybody


def test_without_the_data_the_section_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bench_thresholds, "CAMERAS", {"FLIR": tmp_path / "absent.csv"})
    assert "nothing computed" in bench_thresholds.report()
