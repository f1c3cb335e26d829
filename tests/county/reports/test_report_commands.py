"""The commands: a timer composes what is due; schools get townships, officers get lines."""

from datetime import timedelta

import pytest
from django.utils import timezone

from county.accounts.making import make_account
from county.reports import composing
from county.reports.models import Draft, Recipient, SchoolTownship
from edge.core.errors import ConfigError
from tests.county.reports.conftest import Now
from tests.county.reports.helpers import DAY, MORNING, SCHOOL, hot, keep, keep_all, make_gate, make_roster
from tests.county.rosters.helpers import run


def test_the_timer_composes_yesterday_and_today_and_says_what_is_missing(now: Now) -> None:
    make_roster(6, class_id="C1")
    gate = make_gate()
    make_gate("H1", "第二小学", seen=MORNING - timedelta(days=5))
    keep_all(gate, [hot(1), hot(2), hot(3)])
    now.at += timedelta(hours=1)
    told = run("compose_reports")
    assert [one.day.isoformat() for one in Draft.objects.filter(school=SCHOOL).order_by("day")] == ["2026-03-01", DAY]
    today = told.partition(DAY)[2]
    assert "2 所学校" in today
    assert f"{SCHOOL}: 未确认" in today
    assert "第二小学: 缺报" in today
    assert "同班 1 天内 3 例以上" in today


def test_a_draft_is_composed_anew_only_when_something_has_changed(now: Now) -> None:
    gate = make_gate()
    run("compose_reports", "--day", DAY)
    first = Draft.objects.get().composed_at
    now.at += timedelta(minutes=1)
    run("compose_reports", "--day", DAY)
    assert Draft.objects.get().composed_at == first
    keep(gate, hot(1), 1)
    run("compose_reports", "--day", DAY)
    assert Draft.objects.get().composed_at == now.at


def test_a_page_composes_only_some_of_many_that_have_changed_and_the_oldest_first(now: Now) -> None:
    schools = [f"第{n}小学" for n in range(4)]
    gates = [make_gate(f"G{n}", school) for n, school in enumerate(schools)]
    day = MORNING.astimezone(timezone.get_default_timezone()).date()
    composing.rows(schools, day, now.at)
    for moment in range(1, 3):
        for gate in gates:
            keep(gate, hot(1), moment)
        rows = composing.rows(schools, day, now.at + timedelta(minutes=moment), most=2)
        assert [row.plain["figures"]["fever_visits"] for row in rows] == ([1, 1, 0, 0] if moment == 1 else [1, 1, 2, 2])
    rows = composing.rows(schools, day, now.at + timedelta(minutes=3))
    assert [row.plain["figures"]["fever_visits"] for row in rows] == [2, 2, 2, 2]


@pytest.mark.parametrize("day", ["2026-03-03", "2019-12-31"])
def test_a_day_that_cannot_be_reported_is_refused(now: Now, day: str) -> None:
    with pytest.raises(ConfigError, match=day):
        run("compose_reports", "--day", day)


def test_townships_and_recipients(now: Now) -> None:
    make_gate()
    make_account("li", "officer")
    with pytest.raises(ConfigError, match="没有学校"):
        run("school_township", "第九小学", "城关镇")
    with pytest.raises(ConfigError, match="1–60"):
        run("school_township", SCHOOL, " ")
    with pytest.raises(ConfigError, match="没有学校属于"):
        run("report_recipient", "li", "--line", "township", "--township", "城关镇")
    assert run("school_township", SCHOOL, "城关镇") == f"{SCHOOL}：城关镇"
    assert SchoolTownship.objects.get().township == "城关镇"
    run("report_recipient", "li", "--line", "township", "--township", "城关镇")
    assert Recipient.objects.get().line == "township"
    run("report_recipient", "li", "--line", "bureau")
    assert (Recipient.objects.get().line, Recipient.objects.get().township) == ("bureau", "")
    run("report_recipient", "li", "--none")
    assert not Recipient.objects.exists()
    with pytest.raises(ConfigError, match="wang"):
        run("report_recipient", "wang", "--line", "bureau")
