"""Simulated badge readers keep to their schedule."""

from edge.adapters.badge_sim import SimBadges
from edge.core.identity import Scan


def test_badges_come_when_they_are_due_once_and_in_order() -> None:
    now_s = 0.0
    coming = (Scan(f"P{number}", number * 1.5, "card", "sim") for number in range(10**9))
    badges = SimBadges(coming, lambda: now_s)
    assert [scan.badge for scan in badges.scans()] == ["P0"]
    assert badges.scans() == ()
    now_s = 4.5
    assert [scan.badge for scan in badges.scans()] == ["P1", "P2", "P3"]
    assert badges.faults() == ()
    badges.close()
    badges.close()
    now_s = 100.0
    assert badges.scans() == ()


def test_a_schedule_of_badges_that_ends_ends() -> None:
    badges = SimBadges([Scan("A", 1.0, "code", "sim", "out")], lambda: 2.0)
    assert [(scan.badge, scan.direction) for scan in badges.scans()] == [("A", "out")]
    assert badges.scans() == ()


def test_somebody_may_present_a_badge_beside_the_schedule() -> None:
    badges = SimBadges([], lambda: 2.0)
    one = Scan("A", 2.0, "typed", "desk")
    badges.present(one)
    assert badges.scans() == (one,)
    assert badges.scans() == ()
