"""The page that everybody begins with says how many early signals there are, to those who may see reports."""

from collections.abc import Callable

from django.test import Client

from tests.county.reports.conftest import Now
from tests.county.reports.helpers import DAY, hot, keep_all, make_gate, make_roster


def test_a_cluster_is_told_on_the_first_page_to_who_may_see_reports(now: Now, as_role: Callable[[str], Client]) -> None:
    make_roster(6, class_id="C1")
    keep_all(make_gate(), [hot(1), hot(2), hot(3)])
    officer = as_role("officer")
    assert "早期预警" not in officer.get("/").content.decode()

    officer.get("/reports", {"day": DAY})

    page = officer.get("/").content.decode()
    assert "早期预警 1 条" in page
    assert 'href="/reports"' in page
    assert "早期预警 1 条" in as_role("school").get("/").content.decode()
    assert "早期预警" not in as_role("technician").get("/").content.decode()
