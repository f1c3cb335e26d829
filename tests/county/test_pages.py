"""What an officer sees: the gates with today's counts, what is missing, and each person who passed."""

import re
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from county.gates.models import Gate
from edge.core.texts import REASONS
from tests.county.gate_client import GateClient, register
from tests.county.reading_pages import table, tiles_of
from tests.county.records import EVENT, FEVER, NOT_MEASURED, OVERRIDE, REFUSED, a_body, measured

# A moment in the day, so that "today" is the same for all records of a test.
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOON)


def utc_ms(minutes_ago: float) -> int:
    return int((NOON - timedelta(minutes=minutes_ago)).timestamp() * 1000)


def missing_on_its_page(officer: Client) -> str:
    """What gate G1's own page says of missing numbers."""
    page = officer.get("/gates/G1").content.decode()
    cell = page.partition("缺失序号")[2].partition("<dd>")[2].partition("</dd>")[0]
    return " ".join(re.sub("<[^>]*>", " ", cell).split())


@pytest.mark.parametrize("path", ["/", "/gates/G1"])
def test_nobody_sees_anything_without_signing_in(gate: GateClient, browser: Client, path: str) -> None:
    answer = browser.get(path)

    assert (answer.status_code, answer["Location"]) == (302, f"/sign-in?next={path}")


def test_the_list_counts_today_by_verdict(gate: GateClient, officer: Client) -> None:
    for seq, content in enumerate((FEVER, NOT_MEASURED, NOT_MEASURED, REFUSED, OVERRIDE, EVENT), start=11):
        gate.put(*a_body(seq, utc_ms=utc_ms(seq), content=content))
    for seq in range(1, 5):
        gate.put(*a_body(seq, utc_ms=utc_ms(seq)))
    gate.put(*a_body(5, utc_ms=utc_ms(24 * 60), content=FEVER))

    (row,) = table(officer.get("/"))

    assert row[0] == "东门 第一小学 · G1"
    assert row[1] == "今日在线 Seen today"
    assert row[3:] == ["4", "1", "1", "2", "1", "16", "5 条 missing"]
    tiles = [" ".join(re.sub("<[^>]*>", " ", tile).split()) for tile in tiles_of(officer.get("/"))]
    assert tiles == [
        "今日在线闸机 Gates seen today 1 / 1",
        "通过 Pass 4",
        "体温异常 Fever 1",
        "不得进入 Refused 1",
        "未测量 Not measured 2",
        "门卫放行 Overrides 1",
    ]


def test_missing_sequence_numbers_are_counted_and_named(gate: GateClient, officer: Client) -> None:
    for seq in (2, 3, 7, 9):
        gate.put(*a_body(seq, utc_ms=utc_ms(1)))

    (row,) = table(officer.get("/"))

    assert row[8:] == ["9", "5 条 missing"]
    assert missing_on_its_page(officer) == "5 条 missing 1, 4–6, 8"


def test_of_many_gaps_the_newest_are_named(gate: GateClient, officer: Client) -> None:
    for seq in range(2, 40, 2):
        gate.put(*a_body(seq, utc_ms=utc_ms(1)))

    assert missing_on_its_page(officer) == "19 条 missing …, 23, 25, 27, 29, 31, 33, 35, 37"


def test_the_list_asks_as_little_for_many_gates_with_gaps_as_for_one(officer: Client) -> None:
    def queries() -> list[str]:
        with CaptureQueriesContext(connection) as asked:
            assert "missing" in officer.get("/").content.decode()
        return [query["sql"] for query in asked.captured_queries]

    GateClient(register("G1")).put(*a_body(3, utc_ms=utc_ms(1)))
    of_one = queries()
    for k in range(2, 6):
        GateClient(register(f"G{k}")).put(*a_body(3, gate_id=f"G{k}", utc_ms=utc_ms(1)))

    assert len(queries()) == len(of_one)
    # Records are looked up by day; whoever names none reads all there ever were.
    assert all('"counted_on"' in sql for sql in queries() if 'FROM "gates_record"' in sql)


def test_who_was_never_seen_or_not_today_or_is_revoked_shows(database: object, officer: Client) -> None:
    for gate_id in ("a", "b", "c", "d"):
        register(gate_id, name=gate_id)
    Gate.objects.filter(pk="b").update(last_seen_at=NOON - timedelta(hours=13))
    Gate.objects.filter(pk="c").update(last_seen_at=NOON - timedelta(hours=11))
    call_command("revoke_gate", "d", stdout=StringIO())

    rows = table(officer.get("/"))

    assert [row[1] for row in rows] == [
        "从未连接 Never seen",
        "今日未见 Not seen today",
        "今日在线 Seen today",
        "已停用 Revoked",
    ]
    assert [row[2] for row in rows] == [
        "—",
        "13 小时前 13 h ago 03-01 23:00:00",
        "11 小时前 11 h ago 03-02 01:00:00",
        "—",
    ]


def test_no_gates_yet_says_what_to_do(officer: Client) -> None:
    assert "foregate-county add-gate" in officer.get("/").content.decode()


def test_a_gate_s_passages_newest_first(gate: GateClient, officer: Client) -> None:
    gate.put(*a_body(1, utc_ms=utc_ms(30), content=measured(forehead_c=34.86, u_c=0.284)))
    gate.put(*a_body(2, utc_ms=utc_ms(20), content=FEVER, identified="not_asked", person_id=None))
    gate.put(*a_body(3, utc_ms=utc_ms(10), content=NOT_MEASURED, reasons=("too_far",)))
    gate.put(*a_body(4, utc_ms=utc_ms(5), content=REFUSED))
    gate.put(*a_body(5, utc_ms=utc_ms(4), content=OVERRIDE))

    rows = table(officer.get("/gates/G1"))

    confirm = "额温达到报警值，请用接触式体温计复测 Forehead at or above the alarm: confirm with a contact thermometer"
    too_far = "距离太远，请走近一步 Too far away: one step closer"
    refused = (
        f"{REASONS['not_approved'].zh} {REASONS['not_approved'].en} {REASONS['too_early'].zh} {REASONS['too_early'].en}"
    )
    assert rows == [
        ["11:55:00", "不得进入 Refused", "p-0417", "34.9", "0.28", refused, "4"],
        ["11:50:00", "未测量 Not measured", "未出示证件 no badge", "—", "—", too_far, "3"],
        ["11:40:00", "体温异常 Fever", "不查身份 not asked", "36.7", "0.28", confirm, "2"],
        ["11:30:00", "通过 Pass", "p-0417", "34.9", "0.28", "额温低于报警值 Forehead below the alarm", "1"],
    ]


def test_a_clock_that_was_not_set_is_marked(gate: GateClient, officer: Client) -> None:
    gate.put(*a_body(1, utc_ms=5, synchronised=False))

    answer = officer.get("/gates/G1")

    assert table(answer)[0][0] == "12:00:00 时间未校准 clock not set"
    assert "按收到时间计" in answer.content.decode()


def test_a_newer_gate_s_reason_is_shown_as_its_code(gate: GateClient, officer: Client) -> None:
    gate.put(*a_body(1, utc_ms=utc_ms(1), content=REFUSED, reasons=("not_known_here",)))

    assert table(officer.get("/gates/G1"))[0][5] == "not_known_here not_known_here"


def test_many_passages_come_page_by_page(gate: GateClient, officer: Client) -> None:
    for seq in range(1, 61):
        gate.put(*a_body(seq, utc_ms=utc_ms(seq)))

    first, second = officer.get("/gates/G1"), officer.get("/gates/G1?page=2")

    assert [int(row[6]) for row in table(first)] == list(range(1, 51))
    assert [int(row[6]) for row in table(second)] == list(range(51, 61))
    assert "Refresh" in first
    assert "Refresh" not in second, "what somebody reads does not move away"


def test_an_earlier_day_can_be_looked_at(gate: GateClient, officer: Client) -> None:
    gate.put(*a_body(1, utc_ms=utc_ms(24 * 60)))

    assert table(officer.get("/gates/G1")) == []
    assert len(table(officer.get("/gates/G1?day=2026-03-01"))) == 1


@pytest.mark.parametrize("day", ["2026-03-03", "2019-12-31", "yesterday", "", "0001-01-01", "2026-02-30"])
def test_a_day_without_records_by_nature_is_not_found(gate: GateClient, officer: Client, day: str) -> None:
    assert officer.get("/gates/G1", {"day": day}).status_code == 404


@pytest.mark.parametrize("page", ["0", "-1", "x", "999"])
def test_a_page_that_is_not_there_shows_one_that_is(gate: GateClient, officer: Client, page: str) -> None:
    gate.put(*a_body(1, utc_ms=utc_ms(1)))

    assert len(table(officer.get("/gates/G1", {"page": page}))) == 1


def test_names_are_text_and_never_markup(officer: Client) -> None:
    register("G1", name="<script>alert(1)</script>")

    page = officer.get("/").content.decode()

    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_an_unknown_gate_or_page_says_so_in_both_languages(officer: Client) -> None:
    for path in ("/gates/none", "/none"):
        answer = officer.get(path)
        assert answer.status_code == 404
        assert "没有这个页面" in answer.content.decode()
        assert "No such page" in answer.content.decode()


def test_nothing_foreign_is_loaded_and_nothing_is_cached(gate: GateClient, officer: Client) -> None:
    answer = officer.get("/")

    assert answer["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cache-Control"] == "no-store"
    assert "//" not in answer.content.decode().replace("<!doctype", "")


def test_the_style_sheet_is_served_under_the_name_that_pages_use(officer: Client) -> None:
    page = officer.get("/").content.decode()
    address = page.partition('rel="stylesheet" href="')[2].partition('"')[0]

    current, outdated = officer.get(address), officer.get("/style-000000000000.css")

    assert current["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in current["Cache-Control"]
    assert outdated["Cache-Control"] == "no-cache"
    assert officer.get("/favicon.svg")["Content-Type"] == "image/svg+xml"


def test_a_wrong_host_name_gets_a_page_that_says_what_to_do(browser: Client) -> None:
    with override_settings(ALLOWED_HOSTS=["county.example"]):
        answer = browser.get("/sign-in")

    assert answer.status_code == 400
    assert "FOREGATE_COUNTY_HOSTS" in answer.content.decode()


def test_a_fault_is_a_page_in_both_languages_and_json_for_gates(
    gate: GateClient, officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> datetime:
        raise ZeroDivisionError

    officer.raise_request_exception = False
    monkeypatch.setattr(timezone, "now", broken)

    page, answer = (
        officer.get("/gates/G1"),
        Client(raise_request_exception=False).get("/api/v1/records", headers=gate.headers),
    )

    assert page.status_code == 500
    assert "服务器出错" in page.content.decode()
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")
