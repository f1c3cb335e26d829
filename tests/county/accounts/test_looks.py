"""The auditor's page: who looked at whom, filtered, and as CSV that runs nothing."""

import csv
import io
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from county.accounts.access import Role
from county.accounts.making import make_account
from county.accounts.models import Look
from tests.county.databases import on_both
from tests.county.reading_pages import table

pytestmark = [on_both, pytest.mark.usefixtures("database")]
BEIJING = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def auditor(browser: Client) -> Client:
    browser.force_login(make_account("shen", "auditor").user)
    return browser


def look(by: str = "li", about: str = "S1", school: str = "第一小学", hour: int = 8, day: int = 2) -> None:
    at = datetime(2026, 3, day, hour, tzinfo=BEIJING)
    Look.objects.create(
        at=at, last_at=at, by=by, role="officer", address="192.0.2.7", what="person", school=school, about=about
    )


@pytest.mark.parametrize("role", ["officer", "technician"])
@pytest.mark.parametrize("path", ["/looks", "/looks.csv"])
def test_it_is_for_auditors_alone(browser: Client, role: Role, path: str) -> None:
    browser.force_login(make_account("x", role).user)

    assert browser.get(path).status_code == 403


def test_the_newest_first_with_all_there_is_to_say(auditor: Client) -> None:
    look(about="S1", hour=8)
    look(about="S2", hour=9)

    rows = table(auditor.get("/looks"))

    assert [row[4] for row in rows] == ["S2", "S1"]
    assert rows[0][:4] == ["2026-03-02 09:00:00", "li 县级值班 Officer", "个人 Person", "第一小学"]
    assert rows[0][5:] == ["192.0.2.7", "1"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"by": "wang"}, ["S2"]),
        ({"about": "S1"}, ["S1"]),
        ({"school": "第二小学"}, ["S3"]),
        ({"day": "2026-03-03"}, ["S4"]),
        ({"day": "2026-03-02", "by": "li", "school": "第一小学"}, ["S1"]),
        ({"by": "\0"}, ["S4", "S3", "S2", "S1"]),
    ],
)
def test_it_is_filtered_by_account_person_school_and_day(
    auditor: Client, asked: dict[str, str], found: list[str]
) -> None:
    look(about="S1", hour=0)
    look(by="wang", about="S2", hour=1)
    look(about="S3", school="第二小学", hour=2)
    look(about="S4", hour=0, day=3)

    assert [row[4] for row in table(auditor.get("/looks", asked))] == found


@pytest.mark.parametrize("day", ["2026-02-30", "x", "0001-01-01", "9999-12-31"])
def test_a_day_that_there_is_not_is_not_found(auditor: Client, day: str) -> None:
    assert auditor.get("/looks", {"day": day}).status_code == 404


def test_the_csv_is_filtered_alike_and_has_no_formulas(auditor: Client) -> None:
    look(by="=cmd|' /C calc'!A0", about="@SUM(A1)")
    look(about="S9")

    answer = auditor.get("/looks.csv", {"about": "@SUM(A1)"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]

    head, row = csv.reader(io.StringIO(text))
    assert head[3] == "账号 account"
    assert (row[3], row[8]) == ("'=cmd|' /C calc'!A0", "'@SUM(A1)")
    assert answer["Content-Disposition"].startswith("attachment")


def test_names_are_text_and_never_markup(auditor: Client) -> None:
    look(about="<script>alert(1)</script>")

    assert "<script>" not in auditor.get("/looks").content.decode()
