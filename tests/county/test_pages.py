"""What an officer sees: the gates with today's counts, what is missing, and each person who passed."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from county.gates.models import Gate
from edge.core.texts import EVENTS, REASONS
from tests.county.gate_client import Answer, GateClient, register
from tests.county.records import CASE_STEP, EVENT, FEVER, NOT_MEASURED, OVERRIDE, PASSED, REFUSED, a_body, measured

# A moment in the day, so that "today" is the same for all records of a test.
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOON)


def utc_ms(minutes_ago: float) -> int:
    return int((NOON - timedelta(minutes=minutes_ago)).timestamp() * 1000)


class _Tables(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.rows[-1][-1] = " ".join([*self.rows[-1][-1].split(), *data.split()])


def table(answer: Answer) -> list[list[str]]:
    """The cells of the table's rows, without its head."""
    assert answer.status_code == 200
    tables = _Tables()
    tables.feed(answer.content.decode())
    return tables.rows[1:]


def tiles_of(answer: Answer) -> list[str]:
    """The tiles above the table, as HTML."""
    tiles = answer.content.decode().partition('<dl class="tiles">')[2].partition("</dl>")[0]
    return tiles.split("</div>")[:-1]


def lists_of(answer: Answer) -> list[str]:
    """What the page offers to look at, each with its number; the one that is shown has a * before it."""
    links = re.findall(r"<a href=[^>]*?( aria-current=\"page\")?>(.*?)</a>", nav_of(answer, "lists"))
    return [("* " if current else "") + " ".join(re.sub("<[^>]*>", " ", text).split()) for current, text in links]


def nav_of(answer: Answer, name: str) -> str:
    return answer.content.decode().partition(f'<nav class="{name}">')[2].partition("</nav>")[0]


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


def test_every_kind_has_its_own_list_with_its_number(gate: GateClient, officer: Client) -> None:
    seq = 0
    for count, content in enumerate((PASSED, OVERRIDE, CASE_STEP, EVENT), start=1):
        for _ in range(count):
            seq += 1
            gate.put(*a_body(seq, utc_ms=utc_ms(1), content=content))

    names = ["通行 Passages 1", "门卫放行 Overrides 2", "病例步骤 Case steps 3", "闸机事件 Events 4"]
    assert lists_of(officer.get("/gates/G1")) == ["* " + names[0], *names[1:]]
    for place, kind in enumerate(("passage", "override", "case", "event")):
        answer = officer.get(f"/gates/G1?kind={kind}")
        assert lists_of(answer) == [("* " if n == place else "") + name for n, name in enumerate(names)]
        assert len(table(answer)) == place + 1


def test_an_override_tells_who_let_in_whom_why_and_the_passage_tells_it_too(gate: GateClient, officer: Client) -> None:
    uuid, body = a_body(1, utc_ms=utc_ms(9), content=REFUSED)
    gate.put(uuid, body)
    gate.put(*a_body(2, utc_ms=utc_ms(8), content=OVERRIDE, passage_uuid=uuid))
    gate.put(*a_body(3, utc_ms=utc_ms(7), content=OVERRIDE, person_id=None, note="", reason="new_here"))

    (passage,) = table(officer.get("/gates/G1"))
    overrides = table(officer.get("/gates/G1?kind=override"))

    assert passage[5].endswith("门卫 g-02 放行 let in by guard g-02")
    reason = f"{REASONS['no_badge'].zh} {REASONS['no_badge'].en}"
    assert overrides == [
        ["11:53:00", "new_here new_here", "—", "g-02", "—", "—", "3"],
        ["11:52:00", reason, "p-0417", "g-02", "班主任已电话确认", "#1", "2"],
    ]


def test_no_other_gate_can_claim_to_have_let_somebody_in(gate: GateClient, officer: Client) -> None:
    uuid, body = a_body(1, utc_ms=utc_ms(9), content=REFUSED)
    gate.put(uuid, body)
    GateClient(register("G2")).put(*a_body(1, gate_id="G2", utc_ms=utc_ms(8), content=OVERRIDE, passage_uuid=uuid))

    assert "放行" not in table(officer.get("/gates/G1"))[0][5]
    assert table(officer.get("/gates/G2?kind=override"))[0][5] == "—"


def test_the_steps_of_a_case_are_told_with_reading_and_symptom(gate: GateClient, officer: Client) -> None:
    uuid, body = a_body(1, utc_ms=utc_ms(9), content=FEVER)
    gate.put(uuid, body)
    alarm = {"step": "alarm", "by": None, "contact_c": None, "passage_uuid": uuid}
    gate.put(*a_body(2, utc_ms=utc_ms(9), content=CASE_STEP, **alarm))
    gate.put(*a_body(3, utc_ms=utc_ms(5), content=CASE_STEP, note="右耳"))
    cough = {"step": "symptom", "symptom": "cough_of_tomorrow", "contact_c": None, "person_id": None}
    gate.put(*a_body(4, utc_ms=utc_ms(1), content=CASE_STEP, **cough))

    rows = table(officer.get("/gates/G1?kind=case"))

    assert rows == [
        ["11:59:00", "发现症状 Symptom cough_of_tomorrow", "3a9d4a52", "—", "—", "g-02", "—", "—", "4"],
        ["11:55:00", "接触式复测 Contact thermometer", "3a9d4a52", "p-0417", "38.3", "g-02", "右耳", "—", "3"],
        ["11:51:00", "体温报警 Alarm", "3a9d4a52", "p-0417", "—", "—", "—", "#1", "2"],
    ]


def test_events_are_told_in_words(gate: GateClient, officer: Client) -> None:
    gate.put(*a_body(1, utc_ms=utc_ms(9), content=EVENT))
    gate.put(*a_body(2, utc_ms=utc_ms(8), content=EVENT, code="of_tomorrow", by="g-02", count=None, duration_s=None))

    rows = table(officer.get("/gates/G1?kind=event"))

    forced = f"{EVENTS['forced'].zh} {EVENTS['forced'].en}"
    assert rows == [
        ["11:52:00", "of_tomorrow of_tomorrow", "g-02", "—", "—", "—", "2"],
        ["11:51:00", forced, "—", "1", "0.5", "—", "1"],
    ]


@pytest.mark.parametrize("kind", ["", "Passage", "all", "passage,event"])
def test_a_list_that_there_is_not_is_not_found(gate: GateClient, officer: Client, kind: str) -> None:
    assert officer.get("/gates/G1", {"kind": kind}).status_code == 404


def test_whoever_turns_the_page_or_the_day_stays_in_the_list(gate: GateClient, officer: Client) -> None:
    for seq in range(1, 61):
        gate.put(*a_body(seq, utc_ms=utc_ms(seq), content=EVENT))

    answer = officer.get("/gates/G1?kind=event")

    for nav in ("pages", "days"):
        links = re.findall(r'href="([^"]*)"', nav_of(answer, nav))
        assert links
        assert all("kind=event" in link for link in links)
    assert len(table(officer.get("/gates/G1?kind=event&page=2"))) == 10


def test_what_a_guard_typed_is_text_and_never_markup(gate: GateClient, officer: Client) -> None:
    note = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    for seq, content in enumerate((OVERRIDE, CASE_STEP, EVENT), start=1):
        gate.put(*a_body(seq, utc_ms=utc_ms(1), content=content, note=note))

    for kind in ("override", "case", "event"):
        answer = officer.get(f"/gates/G1?kind={kind}")
        assert "<script" not in answer.content.decode()
        assert "<img src=x" not in answer.content.decode()
        assert note in table(answer)[0]


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
