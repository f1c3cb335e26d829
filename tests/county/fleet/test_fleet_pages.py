"""The fleet's pages: what needs somebody first, what is red, who may look and who may change."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from county.fleet.keeping import keep
from county.fleet.models import GateDay, HealthNote, Site, SiteChange
from county.gates.models import Anomaly, Gate, GateStatus
from edge.core.health import Health
from edge.core.wire import to_plain
from tests.county.core.test_needs import WELL
from tests.county.databases import on_both
from tests.county.fleet.conftest import NOW

MakeGate = Callable[..., Gate]
AsRole = Callable[[str], Client]
NOW_MS = int(NOW.timestamp() * 1000)
HEALTHY = replace(WELL, utc_ms=NOW_MS, calibration_expires_utc_ms=NOW_MS + 90 * 86_400_000)
STAGE = {"kind": "city", "stage": "installed", "planned_on": "2026-02-01", "installed_on": "2026-02-20"}

pytestmark = on_both


def tell(gate: Gate, health: Health = HEALTHY) -> None:
    """The gate says how it is."""
    GateStatus.objects.update_or_create(gate=gate, defaults={"at": NOW, "health": to_plain(health)})
    keep(gate, health, NOW)


def text_of(browser: Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return " ".join(re.sub("<[^>]*>", " ", answer.content.decode()).split())


def first_gates(browser: Client) -> list[str]:
    """The gates of the list of needs, in its order."""
    page = browser.get("/fleet").content.decode().partition('<ol class="needs">')[2].partition("</ol>")[0]
    return re.findall(r'class="where"><a href="/fleet/gates/([^"]*)"', page)


def test_who_needs_a_technician_comes_first_with_why_and_what_to_do(make_gate: MakeGate, as_role: AsRole) -> None:
    tell(make_gate("G1"))
    tell(make_gate("G2"), replace(HEALTHY, clock_ok=False))
    tell(make_gate("G3"), replace(HEALTHY, camera="no_camera", readings=0, median_forehead_c=None))

    browser = as_role("technician")

    assert first_gates(browser) == ["G3", "G2"]
    page = text_of(browser, "/fleet")
    assert "没有相机画面 No camera → 检查相机的 USB 线；不行就换相机" in page
    assert "✗ 相机：没有相机画面" in page


def test_a_contradiction_is_red_on_both_pages_until_it_is_settled(make_gate: MakeGate, as_role: AsRole) -> None:
    gate = make_gate("G1")
    tell(gate)
    Anomaly.objects.create(gate=gate, code="cut_off", seq=7, uuid="", sha256="", at=NOW, last_at=NOW)
    browser = as_role("officer")

    assert first_gates(browser) == ["G1"]
    assert "⚠ 1 处矛盾" in text_of(browser, "/fleet")
    assert "末尾被截断" in text_of(browser, "/fleet/gates/G1")

    answer = browser.post("/fleet/gates/G1/settle", {"anomaly": str(Anomaly.objects.get().pk)})

    assert answer.status_code == 302
    assert first_gates(browser) == []
    assert "officer 03-02 09:00" in text_of(browser, "/fleet/gates/G1")


def test_only_an_officer_answers_for_a_contradiction_and_only_for_one_of_that_gate(
    make_gate: MakeGate, as_role: AsRole
) -> None:
    make_gate("G2")
    one = Anomaly.objects.create(gate=make_gate("G1"), code="cut_off", seq=7, uuid="", sha256="", at=NOW, last_at=NOW)
    sent = {"anomaly": str(one.pk)}

    assert as_role("technician").post("/fleet/gates/G1/settle", sent).status_code == 403
    officer = as_role("officer")
    assert officer.post("/fleet/gates/G2/settle", sent).status_code == 302
    assert officer.post("/fleet/gates/G1/settle", {"anomaly": "1 OR 1"}).status_code == 404
    assert Anomaly.objects.get().settled_at is None


@pytest.mark.parametrize("path", ["/fleet", "/fleet/gates/G1", "/fleet/stage/第一小学"])
def test_a_school_sees_none_of_it(make_gate: MakeGate, as_role: AsRole, path: str) -> None:
    make_gate("G1")

    assert as_role("school").get(path).status_code == 403
    assert Client().get(path).status_code == 302


@pytest.mark.parametrize("role", ["technician", "auditor"])
def test_only_an_officer_changes_a_stage(make_gate: MakeGate, as_role: AsRole, role: str) -> None:
    make_gate("G1")
    browser = as_role(role)

    assert "更改阶段" not in text_of(browser, "/fleet")
    assert browser.post("/fleet/stage/第一小学", STAGE).status_code == 403
    assert not Site.objects.exists()


def test_an_officer_changes_a_stage_and_it_is_noted_who(make_gate: MakeGate, as_role: AsRole) -> None:
    make_gate("G1", seen=None)
    browser = as_role("officer")

    assert browser.post("/fleet/stage/第一小学", STAGE).status_code == 302

    assert "已安装 Installed 2026-02-20" in text_of(browser, "/fleet")
    # Not commissioned yet: nobody misses it.
    assert first_gates(browser) == []
    assert SiteChange.objects.get().by == "officer"
    assert "installed 2026-02-20" in text_of(browser, "/fleet/stage/第一小学")


@pytest.mark.parametrize(
    "wrong",
    [{"stage": "in_service"}, {"installed_on": "2027-01-01"}, {"kind": "village"}, {"installed_on": "2026-13-01"}],
)
def test_a_stage_that_makes_no_sense_is_refused_and_said(
    make_gate: MakeGate, as_role: AsRole, wrong: dict[str, str]
) -> None:
    make_gate("G1")

    answer = as_role("officer").post("/fleet/stage/第一小学", {**STAGE, **wrong})

    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not Site.objects.exists()


@pytest.mark.parametrize("path", ["/fleet/gates/G9", "/fleet/stage/没有这所学校"])
def test_what_is_not_there_is_not_found(make_gate: MakeGate, as_role: AsRole, path: str) -> None:
    make_gate("G1")

    assert as_role("officer").get(path).status_code == 404


def test_city_schools_come_before_township_centres(make_gate: MakeGate, as_role: AsRole) -> None:
    for gate_id, school, kind in (("G1", "甲中心校", "township"), ("G2", "乙小学", "city")):
        tell(make_gate(gate_id, school))
        Site.objects.create(school=school, kind=kind, stage="planned")
    make_gate("G3", "丙学校")

    page = text_of(as_role("officer"), "/fleet").partition("先去哪里")[2]

    assert page.index("乙小学 县城") < page.index("甲中心校 乡镇") < page.index("丙学校")


def test_as_many_queries_for_many_gates_as_for_one(make_gate: MakeGate, as_role: AsRole) -> None:
    browser = as_role("officer")

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert browser.get("/fleet").status_code == 200
        return len(found)

    tell(make_gate("G1"))
    one = queries()
    for number in range(2, 12):
        tell(make_gate(f"G{number}", f"学校{number}"))

    assert queries() == one


def test_a_quarter_of_an_hour_is_one_note_with_its_worst(make_gate: MakeGate) -> None:
    gate = make_gate("G1")

    keep(gate, replace(HEALTHY, camera="stale", disk_free_fraction=0.5), NOW)
    keep(gate, replace(HEALTHY, acknowledged=400), NOW + timedelta(minutes=5))
    keep(gate, HEALTHY, NOW + timedelta(minutes=10))
    keep(gate, HEALTHY, NOW + timedelta(minutes=20))

    first, second = HealthNote.objects.order_by("quarter")
    assert (first.camera, first.waiting, first.disk_free_fraction) == ("stale", 100, 0.5)
    assert (second.camera, second.waiting) == ("ok", 0)
    assert GateDay.objects.get().median_c == HEALTHY.median_forehead_c


def test_notes_older_than_sixty_days_go(make_gate: MakeGate) -> None:
    gate = make_gate("G1")
    keep(gate, HEALTHY, NOW - timedelta(days=61))
    keep(gate, HEALTHY, NOW - timedelta(days=59))

    keep(gate, HEALTHY, NOW)

    assert HealthNote.objects.count() == 2


def test_a_gate_whose_clock_is_wrong_counts_its_median_by_our_day(make_gate: MakeGate) -> None:
    keep(make_gate("G1"), replace(HEALTHY, clock_ok=False, utc_ms=0), NOW)

    assert GateDay.objects.get().day.isoformat() == "2026-03-02"


def test_a_gate_that_moves_alone_is_marked(make_gate: MakeGate, as_role: AsRole) -> None:
    for number in range(1, 5):
        gate = make_gate(f"G{number}")
        for days in range(1, 8):
            GateDay.objects.create(gate=gate, day=(NOW - timedelta(days=days)).date(), median_c=35.0, readings=500)
        tell(gate, replace(HEALTHY, median_forehead_c=36.1 if number == 2 else 35.2))

    browser = as_role("technician")

    assert first_gates(browser) == ["G2"]
    assert "额温中位数偏移 +0.90 K" in text_of(browser, "/fleet")
