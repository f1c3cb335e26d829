"""What can be read in any answer of the county: its own words, its wishes, whether it lets the gate in."""

import json
import random

import pytest

from edge.core.answer import (
    Answer,
    no_word,
    pause_s,
    refused_pause_s,
    said_by_county,
    unauthorised,
    wish_s,
    wrong_token,
)
from edge.core.texts import Text
from tests.fakes.uplink import refusal


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<h1>Bad Request</h1>",
        b"[" * 60_000,
        b"\xff\xfe",
        b'{"error": "not_a_record"}',
        b'{"error": {}}',
        b'{"error": {"code": "", "zh": "", "en": ""}}',
        b'{"error": {"code": 1, "zh": "a", "en": "b"}}',
        b'{"detail": "no"}',
        b'["error"]',
    ],
)
def test_other_words_are_not_the_countys(body: bytes) -> None:
    assert said_by_county(body) is None


@pytest.mark.parametrize("told", ["\\ud83d", "\\u001b[2J\\u001b[31m", "\\n2026-01-05 ok", "\\u202e\\u0000"])
def test_the_county_s_words_can_be_stored_and_move_no_terminal(told: str) -> None:
    said = said_by_county(f'{{"error": {{"code": "x{told}", "zh": "坏{told}", "en": "bad{told}"}}}}'.encode())
    assert said is not None
    for words, first in ((said.code, "x"), (said.zh, "坏"), (said.en, "bad")):
        assert words.startswith(first)
        assert words.isprintable()
        assert words.encode()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (refusal(401, "bad_token"), "token (because of bad_token)"),
        (refusal(403, "revoked"), "token (because of revoked)"),
        (refusal(400, "other_gate"), "token (because of other_gate)"),
        (Answer(401, b"<html>"), "proxy"),
        (Answer(403), "proxy"),
    ],
)
def test_a_refused_token_is_a_matter_for_the_technician(answer: Answer, words: str) -> None:
    assert wrong_token(answer)
    assert words in unauthorised(answer).en
    assert "令牌" in unauthorised(answer).zh
    assert refused_pause_s(answer, lambda: 0.0) == 150.0
    assert refused_pause_s(answer, lambda: 1.0) == 300.0


@pytest.mark.parametrize("answer", [refusal(409, "uuid_taken"), Answer(200), Answer(None, failure="away"), Answer(500)])
def test_other_answers_are_not_about_the_token(answer: Answer) -> None:
    assert not wrong_token(answer)


def test_pauses_grow_from_one_second_to_five_minutes() -> None:
    assert [pause_s(n, lambda: 0.0) for n in range(1, 13)] == [1.0] * 12
    highest = [2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 300.0, 300.0, 300.0, 300.0]
    assert [pause_s(n, lambda: 1.0) for n in range(1, 13)] == highest
    assert pause_s(10**9, lambda: 1.0) == 300.0


def test_pauses_are_spread_so_that_a_county_of_gates_does_not_return_at_once() -> None:
    rng = random.Random(7)
    drawn = sorted(pause_s(20, rng.random) for _ in range(400))
    assert drawn[100] == pytest.approx(75, abs=15)
    assert drawn[200] == pytest.approx(150, abs=15)
    assert drawn[300] == pytest.approx(225, abs=15)


@pytest.mark.parametrize(
    ("asked_s", "granted_s"),
    [
        (None, 0.0),
        (0.0, 0.0),
        (-3.0, 0.0),
        (float("nan"), 0.0),
        (float("-inf"), 0.0),
        (60.0, 60.0),
        (1e9, 900.0),
        (float("inf"), 900.0),
    ],
)
def test_the_countys_wish_is_followed_within_bounds(asked_s: float | None, granted_s: float) -> None:
    assert wish_s(Answer(503, retry_after_s=asked_s)) == granted_s
    assert pause_s(1, lambda: 0.0, at_least_s=granted_s) == max(1.0, granted_s)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(None, failure="reset"), "(reset); check the network"),
        (Answer(None, failure="expired", advice=Text("校时", "set the date")), "(expired); set the date"),
        (refusal(503, "busy"), "because of busy"),
        (Answer(404), "check the address"),
        (Answer(307), "check the address"),
        (Answer(429), "cannot take records"),
        (Answer(500), "cannot take records"),
        (Answer(200, b"<html>"), "login page"),
        (Answer(413, b"<html>"), "login page"),
    ],
)
def test_what_says_nothing_is_told_with_what_to_check(answer: Answer, words: str) -> None:
    assert words in no_word(answer).en
    assert "记录已保存" in no_word(answer).zh


def test_long_words_are_cut() -> None:
    said = said_by_county(json.dumps({"error": {"code": "c", "zh": "长" * 900, "en": "long" * 900}}).encode())
    assert said is not None
    assert (len(said.zh), len(said.en)) == (300, 300)
