"""Days, gaps, tokens, labels: the county's small rules."""

from datetime import UTC, date, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from county.core import problems
from county.core.day import AHEAD, EARLIEST, Counted, counted, local_day
from county.core.gaps import missing_runs
from county.core.labels import IDENTIFIED, STEPS, VERDICTS, ago_text, event_text, reason_text, runs_text, verdict_text
from county.core.labels import KINDS as KIND_NAMES
from county.core.tokens import new_token, same, token_sha256
from edge.core import contents
from edge.core.texts import EVENTS, REASONS, Text
from edge.core.texts import VERDICTS as GATE_VERDICTS

BEIJING = ZoneInfo("Asia/Shanghai")
RECEIVED = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def test_a_set_clock_counts_even_weeks_later() -> None:
    decided = RECEIVED - timedelta(weeks=5)

    assert counted(int(decided.timestamp() * 1000), True, RECEIVED) == Counted(decided, True)


def test_the_limits_of_belief() -> None:
    def clock_ok(moment: datetime) -> bool:
        return counted(round(moment.timestamp() * 1000), True, RECEIVED).clock_ok

    millisecond = timedelta(milliseconds=1)
    assert clock_ok(EARLIEST)
    assert not clock_ok(EARLIEST - millisecond)
    assert clock_ok(RECEIVED + AHEAD)
    assert not clock_ok(RECEIVED + AHEAD + millisecond)


@given(st.integers(0, 2**53), st.booleans())
def test_whatever_the_contract_allows_has_a_day(utc_ms: int, synchronised: bool) -> None:
    when = counted(utc_ms, synchronised, RECEIVED)

    assert EARLIEST <= when.at <= RECEIVED + AHEAD
    assert when.clock_ok or when.at == RECEIVED
    assert synchronised or not when.clock_ok


def test_the_day_changes_at_midnight_in_beijing() -> None:
    assert local_day(datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC), BEIJING) == date(2026, 3, 1)
    assert local_day(datetime(2026, 3, 1, 16, 0, tzinfo=UTC), BEIJING) == date(2026, 3, 2)


@given(st.sets(st.integers(1, 60), min_size=1))
def test_the_runs_are_what_is_not_stored(stored: set[int]) -> None:
    in_order = sorted(stored)
    runs = missing_runs(zip([None, *in_order], in_order, strict=False))

    named = [seq for first, last in runs for seq in range(first, last + 1)]
    assert named == [seq for seq in range(1, max(stored)) if seq not in stored]


def test_runs_as_text() -> None:
    assert runs_text([(3, 3), (7, 9)]) == "3, 7–9"
    assert runs_text([]) == ""


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (-5, "刚刚", "just now"),
        (59, "刚刚", "just now"),
        (60, "1 分钟前", "1 min ago"),
        (3599, "59 分钟前", "59 min ago"),
        (7200, "2 小时前", "2 h ago"),
        (86_400 * 3, "3 天前", "3 d ago"),
    ],
)
def test_how_long_ago(seconds: int, zh: str, en: str) -> None:
    assert ago_text(timedelta(seconds=seconds)) == Text(zh, en)


def test_every_word_that_the_gate_writes_down_has_a_name() -> None:
    assert set(VERDICTS) == set(GATE_VERDICTS)
    assert set(KIND_NAMES) == set(contents.KINDS)
    assert {*IDENTIFIED, "known"} == set(get_args(contents.Identified))
    assert set(STEPS) == set(get_args(contents.Step))
    assert all(reason_text(code) == text for code, text in REASONS.items())
    assert all(event_text(code) == text for code, text in EVENTS.items())
    assert (
        verdict_text("from_the_future") == reason_text("from_the_future") == Text("from_the_future", "from_the_future")
    )


def test_tokens_differ_and_are_known_by_their_fingerprint() -> None:
    tokens = {new_token() for _ in range(50)}

    assert len(tokens) == 50
    assert all(len(token) == 43 and token.isascii() for token in tokens)
    token = tokens.pop()
    assert same(token_sha256(token), token_sha256(token))
    assert not any(same(token_sha256(token), token_sha256(other)) for other in tokens)


@given(st.text(alphabet=st.characters(), max_size=20))
def test_any_text_has_a_fingerprint(text: str) -> None:
    assert len(token_sha256(text)) == 64


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("database is locked", "busy"),
        ("database table is locked", "busy"),
        ("database or disk is full", "disk_full"),
        ("disk I/O error", "storage"),
        ("attempt to write a readonly database", "storage"),
        ("no such table: gates_gate", "storage"),
    ],
)
def test_each_trouble_of_the_database_has_its_answer(message: str, code: str) -> None:
    problem = problems.of_database(message)

    assert (problem.status, problem.code) == (503, code)
    assert problem.retry_after_s is not None
