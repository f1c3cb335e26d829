"""A school's day at the county: composed, confirmed, lodged twice, amended beside what was confirmed."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from county.accounts.models import Look
from county.reports import filing
from county.reports.models import Receipt, Recipient, Report, SchoolTownship
from tests.county.databases import on_both
from tests.county.records import CASE_STEP, EVENT, NOT_MEASURED, OVERRIDE, REFUSED
from tests.county.reports.conftest import Now
from tests.county.reports.helpers import DAY, MORNING, SCHOOL, by, hot, keep, keep_all, make_gate, make_roster

pytestmark = on_both
SignIn = Callable[[str], Client]
FORM = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


def show(client: Client, school: str = SCHOOL, **more: str) -> str:
    answer = client.get("/reports/school", {"school": school, "day": DAY, **more})
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def confirm(client: Client, page: str, status: int = 302, **more: str) -> Any:
    form = page.partition('<form class="confirm"')[2]
    answer = client.post("/reports/confirm", {**dict(FORM.findall(form)), "name": "张校长", **more})
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer


def composed(client: Client, school: str = SCHOOL) -> dict[str, Any]:
    answer = client.get("/reports/school/file.json", {"school": school, "day": DAY})
    found: dict[str, Any] = json.loads(answer.content)
    return found


def test_two_schools_days_from_end_to_end(now: Now, as_role: SignIn) -> None:
    make_roster(6)
    make_roster(2, "第二小学")
    first, second, other = make_gate("G1"), make_gate("G2"), make_gate("H1", "第二小学")
    passed, fevers = [by(n) for n in (1, 2)], [hot(3), hot(4)]
    uuids = keep_all(first, [*passed, *fevers, by(5, REFUSED), NOT_MEASURED])
    case = replace(CASE_STEP, person_id="p-3", passage_uuid=str(uuids[2]), by=None, contact_c=None)
    steps = [replace(case, step="alarm"), replace(case, step="contact", by="wang", contact_c=38.25)]
    keep_all(first, [*steps, replace(case, step="observation", by="wang")], MORNING + timedelta(minutes=5), 7)
    let_in = replace(OVERRIDE, person_id="p-5", passage_uuid=str(uuids[4]))
    down = replace(EVENT, code="camera_away", duration_s=900.0, count=31)
    keep_all(second, [let_in, down], MORNING + timedelta(minutes=6))
    keep_all(other, [by(1), by(2)])
    officer = as_role("officer")

    plain = composed(officer)
    figures = plain["figures"]
    names = ("people", "entered", "refused", "in_observation", "absent", "difference")
    assert [figures[name] for name in names] == [6, 3, 1, 1, 1, 0]
    assert (figures["fever_people"], figures["fever_visits"], figures["not_measured"]) == (2, 2, 1)
    assert (figures["overrides"], figures["contact_readings"], figures["cases_opened"]) == (1, 1, 1)
    assert (figures["downtime_s"], figures["downtime"][0]["count"], figures["unidentified"]) == (900, 31, 1)
    assert [(one["person_id"], one["state"], one["contact_c"]) for one in figures["open_cases"]] == [
        ("p-3", "observation", 38.25)
    ]
    assert {one["name"]: one["fevers"] for one in figures["classes"]} == {
        "三年级C1班": 0,
        "三年级C2班": 2,
        "三年级C3班": 0,
    }
    assert plain["zero"] is False
    assert composed(officer, "第二小学")["zero"] is True

    confirm(officer, show(officer))
    confirm(officer, show(officer, "第二小学"))
    one, two = Report.objects.order_by("pk")
    assert hashlib.sha256(bytes(one.body)).hexdigest() == one.sha256
    assert officer.get("/reports/school/file.json", {"school": SCHOOL, "day": DAY}).content == bytes(one.body)
    assert (one.school, one.version, one.confirmed_by, one.account) == (SCHOOL, 1, "张校长", "who-officer")
    assert [receipt.line for receipt in two.receipts.all()] == ["bureau", "township"]
    assert len({receipt.number for receipt in Receipt.objects.select_related("report")}) == 4
    page = show(officer)
    assert one.sha256 in page
    assert all(receipt.number in page for receipt in one.receipts.all())
    listed = officer.get("/reports", {"day": DAY}).content.decode()
    assert listed.count('class="pill report-on_time"') == 2
    assert "零报告" in listed


def test_on_time_late_unconfirmed_and_missing(now: Now, as_role: SignIn) -> None:
    for name, seen in (("甲校", MORNING), ("乙校", MORNING), ("丙校", MORNING), ("丁校", MORNING - timedelta(days=2))):
        make_gate(f"G-{name.encode().hex()}", name, seen=seen)
    officer = as_role("officer")
    assert officer.get("/reports").content.decode().count('class="pill report-waiting"') == 4
    assert "还剩 20 分钟" in show(officer, "甲校")
    confirm(officer, show(officer, "甲校"))
    now.at += timedelta(minutes=30)
    confirm(officer, show(officer, "乙校"))
    listed = officer.get("/reports").content.decode()
    for state in ("on_time", "late", "unconfirmed", "missing"):
        assert listed.count(f'class="pill report-{state}"') == 1, state
    assert "已超时 10 分钟" in listed
    rows = officer.get("/reports/line/bureau").content.decode()
    outstanding, received = rows.split("已报送")
    assert ("丙校" in outstanding, "丁校" in outstanding, "甲校" in outstanding) == (True, True, False)
    assert "甲校" in received
    assert "乙校" in received


def test_what_arrives_later_changes_nothing_that_was_confirmed(now: Now, as_role: SignIn) -> None:
    make_roster(4)
    gate = make_gate()
    keep_all(gate, [by(1), by(2)])
    school = as_role("school")
    confirm(school, show(school))
    kept = bytes(Report.objects.get().body)
    assert "需更正" not in show(school)

    keep(gate, by(3), 3, MORNING + timedelta(minutes=1))
    page = show(school)
    assert "确认之后又收到 1 条统计截至时刻之前的记录" in page
    assert "<dd>2" in page.partition("已入校")[2][:200]
    changed = page.partition('aria-label="差异"')[2]
    assert re.search(r"已入校.*?<td>2</td><td>3</td>", changed, re.DOTALL)

    confirm(school, page, status=409)
    assert Report.objects.count() == 1
    confirm(school, page, reason="西门记录补传")
    first, second = Report.objects.order_by("version")
    assert bytes(first.body) == kept
    told = json.loads(bytes(second.body))
    assert (told["version"], told["previous_sha256"], told["reason"]) == (2, first.sha256, "西门记录补传")
    assert told["figures"]["entered"] == 3
    assert "已更正" in show(school)
    assert "需更正" not in show(school)
    assert "<dd>2" in show(school, version="1").partition("已入校")[2][:200]
    history = school.get("/reports/history", {"school": SCHOOL, "day": DAY}).content.decode()
    assert "西门记录补传" in history


def test_who_comes_after_the_report_needs_no_amendment_but_a_fever_does(now: Now, as_role: SignIn) -> None:
    make_roster(4)
    gate = make_gate()
    keep_all(gate, [by(1)])
    officer = as_role("officer")
    confirm(officer, show(officer))
    later = now.at + timedelta(minutes=40)
    now.at += timedelta(hours=1)
    keep(gate, by(2), 2, later)
    assert "需更正" not in show(officer)
    keep(gate, hot(3), 3, later)
    assert "确认之后又发生 1 次发热或病例步骤" in show(officer)


def test_nobody_confirms_figures_that_they_have_not_seen(now: Now, as_role: SignIn) -> None:
    make_roster(4)
    gate = make_gate()
    keep_all(gate, [by(1)])
    officer = as_role("officer")
    page = show(officer)
    keep(gate, hot(2), 2, MORNING)
    answer = confirm(officer, page, status=409).content.decode()
    assert "您查看之后数字有变化" in answer
    assert "张校长" in answer
    assert not Report.objects.exists()
    now.at += timedelta(minutes=31)
    confirm(officer, page, status=409)
    confirm(officer, show(officer), status=409, name="  ")
    confirm(officer, show(officer))
    # The same form again: somebody has confirmed meanwhile.
    confirm(officer, show(officer), status=409, after="0", reason="再确认一次")
    assert Report.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [{"until": "x"}, {"until": "-1"}, {"until": "9" * 30}, {"after": "99999"}, {"day": "2026-03-03"}, {"day": "?"}],
)
def test_a_form_that_nobody_was_shown_is_refused(now: Now, as_role: SignIn, wrong: dict[str, str]) -> None:
    make_gate()
    officer = as_role("officer")
    confirm(officer, show(officer), status=404, **wrong)


def test_roles(now: Now, as_role: SignIn) -> None:
    make_gate()
    make_gate("H1", "第二小学")
    addresses = (
        "/reports",
        f"/reports/school?school={SCHOOL}",
        "/reports/school?school=第二小学",
        "/reports/line/bureau",
    )
    seen = {
        role: [client.get(address).status_code for address in addresses]
        for role in ("officer", "auditor", "school", "technician")
        for client in [as_role(role)]
    }
    assert seen == {
        "officer": [200, 200, 200, 200],
        "auditor": [200, 200, 200, 200],
        "school": [302, 200, 403, 403],
        "technician": [403, 403, 403, 403],
    }
    assert Client().get("/reports").status_code == 302


def test_an_auditor_reads_and_changes_nothing(now: Now, as_role: SignIn) -> None:
    make_gate()
    auditor = as_role("auditor")
    assert '<form class="confirm"' not in show(auditor)
    given = {"school": SCHOOL, "day": DAY, "until": "0", "figures": "", "after": "0", "name": "x"}
    assert auditor.post("/reports/confirm", given).status_code == 403
    assert Client(enforce_csrf_checks=True).post("/reports/confirm", given).status_code == 403


def test_every_look_is_logged(now: Now, as_role: SignIn) -> None:
    make_gate()
    officer = as_role("officer")
    show(officer)
    officer.get("/reports/school/file.csv", {"school": SCHOOL, "day": DAY})
    officer.get("/reports/county.csv", {"day": DAY})
    assert set(Look.objects.values_list("what", "school", "about")) == {
        ("report", SCHOOL, DAY),
        ("export", SCHOOL, f"{DAY} csv"),
        ("export", "", f"{DAY} csv"),
    }


def test_a_recipient_takes_note_once_and_of_their_own_line_only(now: Now, as_role: SignIn) -> None:
    make_gate()
    SchoolTownship.objects.create(school=SCHOOL, township="城关镇")
    officer = as_role("officer")
    confirm(officer, show(officer))
    bureau, township = Receipt.objects.order_by("line")
    assert township.township == "城关镇"
    assert officer.post("/reports/taken", {"receipt": bureau.pk}).status_code == 404
    who = Recipient.objects.create(user_id=int(officer.session["_auth_user_id"]), line="township", township="河口镇")
    assert officer.post("/reports/taken", {"receipt": township.pk}).status_code == 404
    Recipient.objects.filter(pk=who.pk).update(township="城关镇")
    assert officer.post("/reports/taken", {"receipt": bureau.pk}).status_code == 404
    assert officer.post("/reports/taken", {"receipt": township.pk}).status_code == 302
    township.refresh_from_db()
    taken_at = township.taken_at
    assert township.taken_by == "who-officer"
    now.at += timedelta(minutes=5)
    officer.post("/reports/taken", {"receipt": township.pk})
    township.refresh_from_db()
    assert township.taken_at == taken_at


def test_a_version_is_never_written_again(now: Now, as_role: SignIn) -> None:
    make_gate()
    officer = as_role("officer")
    confirm(officer, show(officer))
    report = Report.objects.get()
    report.confirmed_by = "别人"
    with pytest.raises(IntegrityError), transaction.atomic():
        report.save()
    assert Report.objects.get().confirmed_by == "张校长"


def test_what_the_figures_do_not_know_is_named(now: Now, as_role: SignIn) -> None:
    make_roster(3)
    gate = make_gate("G1", name="东门")
    make_gate("G2", name="西门", seen=MORNING - timedelta(days=1))
    keep(gate, by(1), 1)
    keep(gate, by(9), 3)
    keep(gate, by(2), 4, clock_ok=False)
    keep(gate, EVENT, 5, sealed=None)
    page = show(as_role("officer"))
    for words in (
        "当日未连接的闸机：西门",
        "缺 1 条记录",
        "1 条记录的闸机时间未知",
        "1 个编号不在名单上：p-9",
        "1 条记录的内容无法读取",
    ):
        assert words in page, words


def test_a_cluster_stands_in_the_report_and_on_the_countys_list(now: Now, as_role: SignIn) -> None:
    make_roster(6, class_id="C1")
    keep_all(make_gate(), [hot(1), hot(2), hot(3)])
    officer = as_role("officer")
    for page in (show(officer), officer.get("/reports").content.decode()):
        assert "同班 1 天内 3 例以上" in page
        assert "three or more of one class in a day" in page


def test_a_gate_that_was_revoked_before_and_one_that_came_later_are_left_out(now: Now, as_role: SignIn) -> None:
    make_gate("G1", revoked_at=MORNING - timedelta(days=3))
    make_gate("G2", created_at=MORNING + timedelta(days=1))
    assert composed(as_role("officer"))["gates"] == []


def test_of_two_who_confirm_at_once_the_second_is_told_to_look_again(now: Now, as_role: SignIn) -> None:
    make_gate()
    officer = as_role("officer")
    page = show(officer)
    confirm(officer, page)
    first = bytes(Report.objects.get().body)

    def of_an_older_moment(*_: Any, **__: Any) -> Any:
        """What the second one sees when the first one's version is not committed yet."""
        return Report.objects.none()

    with patch.object(Report.objects, "filter", of_an_older_moment):
        answer = confirm_blindly(page)
    assert "您查看之后数字有变化" in answer
    assert bytes(Report.objects.get().body) == first


def confirm_blindly(page: str) -> str:
    """Ask what the form asks, without the page that shows the outcome."""
    form = dict(FORM.findall(page.partition('<form class="confirm"')[2]))
    shown = (int(form["until"]), form["figures"], int(form["after"]))
    day = date.fromisoformat(form["day"])
    return str(filing.confirm(SCHOOL, day, shown, "李主任", "", "who-school", timezone.now()))
