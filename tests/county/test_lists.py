"""The lists of one gate's page: overrides, case steps and events, each in its own right."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from edge.core.texts import EVENTS, REASONS
from tests.county.gate_client import GateClient, register
from tests.county.reading_pages import lists_of, nav_of, table
from tests.county.records import CASE_STEP, EVENT, FEVER, OVERRIDE, PASSED, REFUSED, a_body

# A moment in the day, so that "today" is the same for all records of a test.
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOON)


def utc_ms(minutes_ago: float) -> int:
    return int((NOON - timedelta(minutes=minutes_ago)).timestamp() * 1000)


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
