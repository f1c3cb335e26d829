"""Which batch goes next, what an answer means for each of its records, when the next offer is made."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.core.answer import LONGEST_RETRY_AFTER_S, Answer
from edge.core.outbox import (
    BATCH_BYTES,
    BATCH_RECORDS,
    PATIENCE,
    Offered,
    OutboxState,
    Outcome,
    choose,
    held_back,
    look_ahead,
    step,
)
from tests.fakes.uplink import refusal, words

NEW = OutboxState()
SECOND = OutboxState(newest_next=True)
uniform = st.floats(0, 1, exclude_max=True)


def half() -> float:
    return 0.5


def waiting(number: int, first: int = 1, size: int = 40) -> list[Offered]:
    found = []
    for seq in range(first, first + number):
        body = f"record {seq}".encode().ljust(size)
        found.append(Offered(seq, f"uuid-{seq}", hashlib.sha256(body).hexdigest(), body))
    return found


def named(*records: Offered, refused: dict[int, str] | None = None) -> Answer:
    lines: list[dict[str, Any]] = [{"uuid": r.uuid, "sha256": r.sha256, "status": "created"} for r in records]
    lines += [{"line": line, "error": words(code)} for line, code in (refused or {}).items()]
    return Answer(200, json.dumps({"answers": lines, "missing": [], "head": None}).encode())


def after(batch: Sequence[Offered], answer: Answer, state: OutboxState = NEW) -> tuple[OutboxState, Outcome]:
    return step(state, batch, answer, 1000.0, half)


# --- what an answer means --------------------------------------------------------------------------------------------


def test_what_the_county_names_with_its_fingerprint_is_acknowledged_and_the_failures_are_forgotten() -> None:
    batch = waiting(3)
    state, outcome = after(batch, named(*batch), OutboxState(3, 999.0, 998.0, {"uuid-1": 2, "x": 9}))
    assert outcome == Outcome(("uuid-1", "uuid-2", "uuid-3"))
    assert state == OutboxState(0, 1000.0, 1000.0, {"x": 9}, newest_next=True)


def test_what_is_refused_in_the_countys_words_is_set_aside_with_them_and_the_rest_acknowledged() -> None:
    batch = waiting(3)
    state, outcome = after(batch, named(batch[0], batch[2], refused={2: "broken_chain"}))
    assert outcome.acknowledged == ("uuid-1", "uuid-3")
    ((uuid, why),) = outcome.set_aside
    assert uuid == "uuid-2"
    assert "原因 broken_chain" in why.zh
    assert "because of broken_chain" in why.en
    assert outcome.failure == why
    assert (state.failures, state.not_before_s) == (0, 1000.0)


def test_what_the_county_leaves_out_is_offered_again_in_smaller_batches() -> None:
    batch = waiting(200)
    state, outcome = after(batch, named(*batch[:100]))
    assert outcome.acknowledged == tuple(one.uuid for one in batch[:100])
    assert outcome.set_aside == ()
    assert state.tries == {one.uuid: 1 for one in batch[100:]}
    assert choose(state, batch[100:], 1000.0) == tuple(batch[100:162])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"OK",
        b"<!doctype html><title>Login</title>",
        b"{}",
        b"null",
        b"[" * 60_000,
        b"\xff\xfe",
        b'{"answers": null}',
        b'{"answers": {"uuid": "uuid-1"}}',
        b'{"answers": [1, null, [], {"uuid": {}, "sha256": []}, {"line": true, "error": {}}]}',
        json.dumps({"answers": [{"uuid": "uuid-1", "sha256": "0" * 64}]}).encode(),
        json.dumps({"answers": [{"uuid": "uuid-1"}]}).encode(),
        json.dumps({"answers": [{"line": 0, "error": words("x")}, {"line": 3, "error": words("x")}]}).encode(),
        json.dumps({"answers": [{"line": 1, "error": {"code": "x"}}]}).encode(),
        json.dumps([{"uuid": "uuid-1", "sha256": waiting(1)[0].sha256}]).encode(),
    ],
)
def test_a_success_in_other_words_settles_nothing(body: bytes) -> None:
    state, outcome = after(waiting(2), Answer(200, body))
    assert outcome.acknowledged == ()
    assert outcome.set_aside == ()
    assert outcome.failure is not None
    assert state.not_before_s == 1001.5


@pytest.mark.parametrize("status", [None, 100, 201, 204, 206, 301, 304, 400, 401, 409, 418, 500])
def test_the_right_words_under_another_status_settle_nothing(status: int | None) -> None:
    batch = waiting(2)
    _, outcome = after(batch, replace(named(*batch), status=status))
    assert (outcome.acknowledged, outcome.set_aside) == ((), ())


@pytest.mark.parametrize("status", [400, 409, 413, 422])
def test_a_refusal_of_a_whole_batch_condemns_none_of_many_but_one_that_was_alone(status: int) -> None:
    state, outcome = after(waiting(2), refusal(status, "too_large"))
    assert outcome.set_aside == ()
    assert state.tries == {"uuid-1": 1, "uuid-2": 1}
    _, outcome = after(waiting(1), refusal(status, "not_a_record"))
    assert [uuid for uuid, _ in outcome.set_aside] == ["uuid-1"]
    _, outcome = after(waiting(1), Answer(status, b"<html>"))
    assert outcome.set_aside == ()


@pytest.mark.parametrize(
    "answer", [refusal(401, "bad_token"), Answer(403), refusal(400, "other_gate"), Answer(401, b"<html>")]
)
@given(draw=uniform)
def test_a_refused_token_settles_nothing_and_is_asked_again_seldom(answer: Answer, draw: float) -> None:
    state, outcome = step(NEW, waiting(2), answer, 1000.0, lambda: draw)
    assert (outcome.acknowledged, outcome.set_aside) == ((), ())
    assert outcome.failure is not None
    assert 1150.0 <= state.not_before_s <= 1300.0
    assert state.tries == {}


@pytest.mark.parametrize(("code", "told"), [("bad_signature", "device key"), ("other_gate", "another gate's")])
def test_what_is_true_of_all_that_this_gate_signs_sets_nothing_aside(code: str, told: str) -> None:
    batch = waiting(3)
    state, outcome = after(batch, named(refused={1: code, 2: code, 3: code}))
    assert outcome.set_aside == ()
    assert outcome.failure is not None
    assert told in outcome.failure.en
    assert "foregate enrol" in outcome.failure.zh
    assert state.not_before_s == 1225.0
    # When others are taken, it is this record's own.
    _, outcome = after(batch, named(batch[0], batch[1], refused={3: code}))
    assert [uuid for uuid, _ in outcome.set_aside] == ["uuid-3"]


def test_a_record_that_is_named_and_refused_at_once_is_there() -> None:
    batch = waiting(2)
    _, outcome = after(batch, named(*batch, refused={1: "uuid_taken"}))
    assert outcome == Outcome(("uuid-1", "uuid-2"))


answers = st.builds(
    Answer,
    st.none() | st.integers(100, 599),
    st.binary(max_size=30)
    | st.recursive(st.none() | st.text(max_size=3), st.lists).map(lambda j: json.dumps({"answers": j}).encode()),
    st.text(max_size=20),
    st.none() | st.floats(),
    st.booleans(),
)


@given(answers, st.integers(0, 10_000), st.integers(0, 20), uniform, st.integers(1, 3))
def test_no_answer_stops_the_sync_for_ever_or_lets_it_hammer(
    answer: Answer, failures: int, tries: int, draw: float, number: int
) -> None:
    batch = waiting(number)
    before = OutboxState(failures, 900.0, 900.0, {"uuid-1": tries} if tries else {})
    state, outcome = step(before, batch, answer, 1000.0, lambda: draw)
    # Nothing that is drawn here names a record and its bytes, or speaks like the county.
    assert (outcome.acknowledged, outcome.set_aside) == ((), ())
    assert outcome.failure is not None
    assert outcome.failure.zh
    assert outcome.failure.en
    assert 1001.0 <= state.not_before_s <= 1000.0 + LONGEST_RETRY_AFTER_S
    assert state.overdue_not_before_s <= 1000.0 + LONGEST_RETRY_AFTER_S
    assert state.failures == failures + 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer(None, failure="refused", connected=False),
        Answer(503),
        Answer(429),
        Answer(401),
        Answer(404),
        Answer(302),
        Answer(200, b"<html>"),
    ],
)
def test_when_network_or_county_are_away_no_record_is_suspected(answer: Answer) -> None:
    records, state = waiting(3), NEW
    for _ in range(10 * PATIENCE):
        state, _ = step(state, records, answer, 0.0, half)
    assert state.tries == {}
    assert choose(state, records, 0.0) == tuple(records)


def test_the_countys_wish_to_be_left_alone_is_followed() -> None:
    assert after(waiting(1), Answer(503, retry_after_s=60.0))[0].not_before_s == 1060.0
    assert after(waiting(1), Answer(401, retry_after_s=600.0))[0].not_before_s == 1600.0
    assert held_back(OutboxState(failures=3), 10.0, half, at_least_s=70.0) == OutboxState(4, 80.0)


# --- which batch is next ---------------------------------------------------------------------------------------------


def test_batches_have_a_largest_number_and_a_largest_size_and_go_in_the_order_of_numbers() -> None:
    records = waiting(BATCH_RECORDS + 7)
    assert choose(NEW, records, 0.0) == tuple(records[:BATCH_RECORDS])
    assert choose(NEW, records[::-1], 0.0) == tuple(records[7:]), "the newest of them, the oldest of these first"
    large = waiting(400, size=8_192)
    batch = choose(NEW, large, 0.0)
    assert sum(len(one.body) + 1 for one in batch) <= BATCH_BYTES
    assert len(batch) == BATCH_BYTES // 8_193
    assert choose(NEW, [], 0.0) == ()


def test_every_second_batch_begins_with_the_newest() -> None:
    state, _ = after(waiting(1), named(*waiting(1)))
    assert state.newest_next
    state, _ = after(waiting(1), Answer(500), state)
    assert not state.newest_next


@pytest.mark.parametrize(
    "answer", [Answer(500), Answer(502, b"<html>"), Answer(None, failure="hung up"), refusal(400, "not_lines")]
)
def test_a_batch_on_which_the_county_stumbles_is_tried_in_ever_smaller_parts(answer: Answer) -> None:
    records, state, sizes = waiting(600), NEW, []
    for _ in range(4):
        batch = choose(state, records, 0.0)
        sizes.append(len(batch))
        state, _ = after(batch, answer, state)
    assert sizes == [500, 62, 7, 1]
    # Those that were never part of it are not slowed down.
    assert len(choose(state, records[500:], 0.0)) == 100


@pytest.mark.parametrize("answer", [Answer(500), Answer(502, b"<html>"), Answer(None, failure="hung up")])
def test_a_record_on_which_the_county_stumbles_lets_the_others_go_first(answer: Answer) -> None:
    records, state = waiting(2), NEW
    for _ in range(PATIENCE):
        state, _ = step(state, records[:1], answer, 0.0, half)
    assert choose(state, records, 0.0) == (records[1],)
    assert look_ahead(state) == 1
    # The others wait a second only; it waits as long as a fifth failure does, and is then offered again, alone.
    assert state.not_before_s == 1.0
    assert state.overdue_not_before_s == 16.5
    assert choose(state, records[:1], 16.4) == ()
    assert choose(state, records[:1], 16.5) == (records[0],)


# --- a whole backlog against a county that stumbles ------------------------------------------------------------------

Poison = Literal["breaks", "silent", "refused", "left out", "batch refused"]


class Sluggish:
    """A county that keeps what it answers for, and does its worst with some records until it is repaired."""

    def __init__(self, poison: dict[int, Poison], lose_answers: Callable[[], bool]) -> None:
        self.poison, self._lose_answers = poison, lose_answers
        self.kept: dict[str, str] = {}

    def answer(self, batch: Sequence[Offered]) -> Answer:
        kinds = {self.poison[one.seq] for one in batch if one.seq in self.poison}
        if "breaks" in kinds:
            return Answer(500)
        if "silent" in kinds:
            return Answer(None, failure="hung up")
        if "batch refused" in kinds:
            return refusal(400, "not_lines")
        good = [one for one in batch if one.seq not in self.poison]
        self.kept |= {one.uuid: one.sha256 for one in good}
        if self._lose_answers():
            return Answer(None, failure="reset")
        refused = {n: "bad_record" for n, one in enumerate(batch, 1) if self.poison.get(one.seq) == "refused"}
        return named(*good, refused=refused)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 1_500),
    st.dictionaries(
        st.integers(1, 1_500), st.sampled_from(["breaks", "silent", "refused", "left out", "batch refused"]), max_size=4
    ),
    st.lists(st.booleans(), max_size=6),
)
def test_nothing_is_lost_nothing_is_blocked_and_nothing_acknowledged_that_the_county_has_not_named(
    number: int, poison: dict[int, Poison], lost: list[bool]
) -> None:
    fates = list(lost)
    county = Sluggish(poison, lambda: bool(fates) and fates.pop())
    left = {one.uuid: one for one in waiting(number)}
    acknowledged, set_aside = set[str](), set[str]()
    state, now_s, offers = NEW, 0.0, 0
    while len(left) > sum(seq in poison for seq in range(1, number + 1)) - len(set_aside) and offers < 2_000:
        now_s = max(now_s, state.not_before_s)
        ordered = sorted(left.values(), key=lambda one: one.seq, reverse=state.newest_next)
        batch = choose(state, ordered[: BATCH_RECORDS + look_ahead(state)], now_s)
        if not batch:
            # All that are left have had their turns, the innocent ones because answers were lost.
            assert state.overdue_not_before_s > now_s
            now_s = state.overdue_not_before_s
            continue
        state, outcome = step(state, batch, county.answer(batch), now_s, half)
        offers += 1
        for uuid in outcome.acknowledged:
            assert county.kept[uuid] == left.pop(uuid).sha256
            acknowledged.add(uuid)
        for uuid, _ in outcome.set_aside:
            del left[uuid]
            set_aside.add(uuid)
    good = {one.uuid for one in waiting(number) if one.seq not in poison}
    assert acknowledged == good, "what the county can take has arrived, whatever lies between"
    refusable = {f"uuid-{seq}" for seq, kind in poison.items() if kind in ("refused", "batch refused")}
    assert set_aside <= refusable
    # The repaired county gets the rest.
    county.poison = {}
    for _ in range(200):
        now_s = max(now_s + 1.0, state.not_before_s, state.overdue_not_before_s)
        ordered = sorted(left.values(), key=lambda one: one.seq)
        batch = choose(state, ordered, now_s)
        if not batch:
            break
        state, outcome = step(state, batch, county.answer(batch), now_s, half)
        for uuid in outcome.acknowledged:
            del left[uuid]
    assert left == {}
