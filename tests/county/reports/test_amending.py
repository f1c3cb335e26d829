"""A confirmed report that what is kept now contradicts, and drafts that name people after their time."""

from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from county.core.reporting import Arrived
from county.gates.models import Record
from county.reports import composing, filing
from county.reports.models import Draft, Report
from tests.county.databases import on_both
from tests.county.reports.conftest import Now
from tests.county.reports.helpers import SCHOOL, by, keep_all, make_gate, make_roster

pytestmark = on_both
MONDAY = date(2026, 3, 2)


def confirmed(now: Now) -> Report:
    until = composing.end_of(MONDAY, now.at)
    figures = composing.compose_now(SCHOOL, MONDAY, until).figures_sha256
    done = filing.confirm(SCHOOL, MONDAY, (round(until.timestamp() * 1000), figures, 0), "张校长", "", "zhang", now.at)
    assert isinstance(done, Report)
    return done


@pytest.mark.parametrize("many", [0, 1, 2])
def test_a_report_with_records_that_were_of_another_day_needs_an_amendment(
    now: Now, as_role: Callable[[str], Client], many: int
) -> None:
    uuids = keep_all(make_gate(), [by(1), by(2)])
    make_roster()
    report = confirmed(now)

    # Their gate's clock was not set; a later record of the same boot has told when they were.
    Record.objects.filter(uuid__in=uuids[:many]).update(
        counted_at=now.at - timedelta(days=1), counted_on=MONDAY - timedelta(days=1)
    )

    assert composing.arrived_since(report) == Arrived(gone=many)
    page = as_role("officer").get("/reports/school", {"school": SCHOOL, "day": MONDAY.isoformat()}).content.decode()
    assert (f"其中 {many} 条记录后来查明属于另一天" in page) == (many > 0)
    assert composing.rows([SCHOOL], MONDAY, now.at)[0].standing.arrived.due == (many > 0)


def test_drafts_leave_with_the_records_that_they_were_made_of(now: Now, as_role: Callable[[str], Client]) -> None:
    keep_all(make_gate(), [by(1)])
    composing.drafts([SCHOOL], MONDAY, now.at)
    now.at += timedelta(days=400)
    call_command("forget", stdout=StringIO())
    assert Draft.objects.count() == 1

    now.at += timedelta(days=2)
    call_command("forget", stdout=StringIO())

    assert not Draft.objects.exists()
