"""What an answer means, and when the next offer is made."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.outbox import (
    LONGEST_PAUSE_S,
    LONGEST_RETRY_AFTER_S,
    PATIENCE,
    Acknowledged,
    Answer,
    NotAuthorised,
    OutboxState,
    RetryLater,
    SetAside,
    choose,
    look_ahead,
    pause,
    step,
)
from edge.core.record import Record, fingerprint
from tests.fakes.passages import passage, stamp
from tests.fakes.signing import bytes_of

UUID = "3a9d4a52-6b4e-4c57-9d0b-0e8f3ad1c001"
BODY = bytes_of(Record(UUID, "gate-1", 1, stamp(), passage(), "0.1.0", "none"))
GOOD = {"uuid": UUID, "sha256": fingerprint(BODY)}
NEW = OutboxState()

answers = st.builds(
    Answer,
    st.none() | st.integers(100, 599),
    st.binary(max_size=30)
    | st.recursive(st.none() | st.text(max_size=3), st.lists).map(lambda j: json.dumps(j).encode()),
    st.text(max_size=20),
    st.none() | st.floats(),
    st.booleans(),
)
uniform = st.floats(0, 1, exclude_max=True)


def half() -> float:
    return 0.5


def said(code: str = "not_a_record") -> bytes:
    return json.dumps({"error": {"code": code, "zh": "字段无效", "en": "bad field"}}).encode()


def after(answer: Answer, state: OutboxState = NEW, random: Callable[[], float] = half) -> Any:
    return step(state, UUID, BODY, answer, 1000.0, random)


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize("more", [{}, {"status": "created"}, {"status": "already", "zh": "已有"}])
def test_a_record_is_acknowledged_when_the_county_names_it_and_its_bytes(status: int, more: dict[str, str]) -> None:
    state, outcome = after(
        Answer(status, json.dumps({**GOOD, **more}).encode()), OutboxState(3, 999.0, 998.0, {UUID: 2, "x": 9})
    )
    assert outcome == Acknowledged()
    assert state == OutboxState(0, 1000.0, 1000.0, {"x": 9})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"OK",
        b"<!doctype html><title>Login</title>",
        b"{}",
        b"null",
        b"[]",
        b"[" * 60_000,
        b"\xff\xfe",
        b"1" * 60_000,
        json.dumps({"uuid": UUID}).encode(),
        json.dumps({"sha256": GOOD["sha256"]}).encode(),
        json.dumps({**GOOD, "uuid": UUID.upper()}).encode(),
        json.dumps({**GOOD, "uuid": None}).encode(),
        json.dumps(
            {**GOOD, "sha256": fingerprint(bytes_of(Record(UUID, "gate-1", 2, stamp(), passage(), "0.1.0", "none")))}
        ).encode(),
        json.dumps({**GOOD, "sha256": GOOD["sha256"].upper()}).encode(),
        json.dumps([GOOD]).encode(),
        json.dumps({"records": [GOOD]}).encode(),
    ],
)
def test_a_success_in_other_words_acknowledges_nothing(body: bytes) -> None:
    _, outcome = after(Answer(200, body))
    assert isinstance(outcome, RetryLater)
    assert "not the county's" in outcome.why.en


@pytest.mark.parametrize("status", [None, 100, 202, 204, 206, 301, 304, 400, 401, 409, 418, 500])
def test_the_right_words_under_another_status_acknowledge_nothing(status: int | None) -> None:
    _, outcome = after(Answer(status, json.dumps(GOOD).encode()))
    assert isinstance(outcome, RetryLater | NotAuthorised)


@pytest.mark.parametrize("status", [400, 409, 413, 422])
def test_what_the_county_refuses_in_its_own_words_is_set_aside_with_them(status: int) -> None:
    state, outcome = after(Answer(status, said()), OutboxState(3, 999.0, 998.0, {UUID: 2, "x": 9}))
    assert isinstance(outcome, SetAside)
    assert "字段无效" in outcome.why.zh
    assert "bad field" in outcome.why.en
    assert state == OutboxState(0, 1000.0, 1000.0, {"x": 9}), "the county is there: the next record goes at once"


@pytest.mark.parametrize("status", [400, 409, 413, 415, 422])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<h1>Bad Request</h1>",
        b'{"error": "not_a_record"}',
        b'{"error": {}}',
        b'{"error": {"code": "", "zh": "", "en": ""}}',
        b'{"error": {"code": 1, "zh": "a", "en": "b"}}',
        b'{"detail": "no"}',
        b'["error"]',
    ],
)
def test_a_refusal_in_other_words_is_not_the_countys_and_sets_nothing_aside(status: int, body: bytes) -> None:
    _, outcome = after(Answer(status, body))
    assert isinstance(outcome, RetryLater)


@pytest.mark.parametrize("status", [404, 405, 408, 411, 415, 421, 429, 500, 503])
def test_what_says_nothing_of_this_record_sets_nothing_aside_whoever_says_it(status: int) -> None:
    _, outcome = after(Answer(status, said("something")))
    assert isinstance(outcome, RetryLater)
    assert "字段无效" in outcome.why.zh


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(401, said("bad_token")), "token (bad field)"),
        (Answer(403, said("revoked")), "token (bad field)"),
        (Answer(401, b"<html>"), "proxy"),
        (Answer(403), "proxy"),
        (Answer(400, said("other_gate")), "token (bad field)"),
    ],
)
@given(draw=uniform)
def test_a_refused_token_is_a_matter_for_the_technician_and_asked_again_seldom(
    answer: Answer, words: str, draw: float
) -> None:
    state, outcome = after(answer, random=lambda: draw)
    assert isinstance(outcome, NotAuthorised)
    assert words in outcome.why.en
    assert "令牌" in outcome.why.zh
    assert LONGEST_PAUSE_S / 2 <= outcome.after_s <= LONGEST_PAUSE_S
    assert state.not_before_s == 1000.0 + outcome.after_s


@given(answers, st.integers(0, 10_000), uniform)
def test_no_answer_stops_the_sync_for_ever_or_lets_it_hammer(answer: Answer, failures: int, draw: float) -> None:
    before = OutboxState(failures, 900.0, 900.0, {UUID: failures})
    state, outcome = after(answer, before, lambda: draw)
    # Nothing that is drawn here names this record and its bytes, or speaks like the county.
    assert isinstance(outcome, RetryLater | NotAuthorised)
    assert 1.0 <= outcome.after_s <= LONGEST_RETRY_AFTER_S
    assert 1000.0 + outcome.after_s in (state.not_before_s, state.overdue_not_before_s)
    assert state.not_before_s >= 1001.0
    assert state.failures == failures + 1
    assert outcome.why.zh
    assert outcome.why.en


def test_pauses_grow_from_one_second_to_five_minutes() -> None:
    state, lowest, highest = NEW, [], []
    for _ in range(12):
        lowest.append(pause(state, 0.0, lambda: 0.0)[1])
        state, pause_s = pause(state, 0.0, lambda: 1.0)
        highest.append(pause_s)
    assert lowest == [1.0] * 12
    assert highest == [2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 300.0, 300.0, 300.0, 300.0]


def test_pauses_are_spread_so_that_a_county_of_gates_does_not_return_at_once() -> None:
    rng = random.Random(7)
    drawn = sorted(pause(OutboxState(failures=20), 0.0, rng.random)[1] for _ in range(400))
    assert drawn[100] == pytest.approx(75, abs=15)
    assert drawn[200] == pytest.approx(150, abs=15)
    assert drawn[300] == pytest.approx(225, abs=15)


@pytest.mark.parametrize(
    ("wish_s", "after_s"),
    [
        (None, 1.5),
        (0.0, 1.5),
        (-3.0, 1.5),
        (float("nan"), 1.5),
        (float("-inf"), 1.5),
        (60.0, 60.0),
        (900.0, 900.0),
        (1e9, 900.0),
        (float("inf"), 900.0),
    ],
)
def test_the_countys_wish_is_followed_within_bounds(wish_s: float | None, after_s: float) -> None:
    _, outcome = after(Answer(503, b"", retry_after_s=wish_s))
    assert outcome.after_s == after_s
    _, refused = after(Answer(401, said(), retry_after_s=wish_s))
    assert refused.after_s == max(225.0, after_s)


def test_the_first_good_answer_forgets_the_failures() -> None:
    state = NEW
    for _ in range(6):
        state, _ = after(Answer(503), state)
    state, _ = after(Answer(200, json.dumps(GOOD).encode()), state)
    assert state == OutboxState(0, 1000.0, 1000.0, {})


# --- one record that the county stumbles over ------------------------------------------------------------------------


def waiting(number: int) -> list[tuple[Record, bytes]]:
    uuids = [f"3a9d4a52-6b4e-4c57-9d0b-{n:012d}" for n in range(number)]
    records = [Record(uuid, "gate-1", n + 1, stamp(n), passage(n), "0.1.0", "none") for n, uuid in enumerate(uuids)]
    return [(record, bytes_of(record)) for record in records]


@pytest.mark.parametrize(
    "answer", [Answer(500), Answer(502, b"<html>"), Answer(None, failure="hung up"), Answer(400, b"<html>")]
)
def test_a_record_on_which_the_county_stumbles_lets_the_others_go_first(answer: Answer) -> None:
    records, state = waiting(3), NEW
    for _ in range(PATIENCE):
        assert choose(state, records, 0.0) is records[0]
        state, outcome = step(state, records[0][0].uuid, records[0][1], answer, 0.0, half)
    assert choose(state, records, 0.0) is records[1]
    assert look_ahead(state) == 1
    # The others wait a second only; it waits as long as a fifth failure does, and is then offered again.
    assert isinstance(outcome, RetryLater)
    assert outcome.after_s == 16.5
    assert state.not_before_s == 1.0
    assert choose(state, records[:1], 16.4) is None
    assert choose(state, records[:1], 16.5) is records[0]
    for record, body in records[1:]:
        for _ in range(PATIENCE):
            state, _ = step(state, record.uuid, body, answer, 0.0, half)
    assert choose(state, records, 1_000.0) is records[0], "all have failed alike"
    assert look_ahead(state) == 3


def test_with_nothing_waiting_nothing_is_chosen() -> None:
    assert choose(NEW, [], 0.0) is None


@pytest.mark.parametrize(
    "answer",
    [
        Answer(None, failure="refused", connected=False),
        Answer(503),
        Answer(429),
        Answer(401),
        Answer(403, said()),
        Answer(404),
        Answer(302),
        Answer(200, b"<html>"),
    ],
)
def test_when_network_or_county_are_away_the_order_stays(answer: Answer) -> None:
    records, state = waiting(3), NEW
    for _ in range(10 * PATIENCE):
        state, _ = step(state, records[0][0].uuid, records[0][1], answer, 0.0, half)
    assert choose(state, records, 0.0) is records[0]
    assert look_ahead(state) == 0
