"""What every Uplink promises, on the fake and over HTTP against a county that misbehaves."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Protocol

import pytest

from edge.adapters.uplink_http import HttpUplink
from edge.app.sync_loop import SyncEvent, run_sync
from edge.core.outbox import Answer
from edge.ports import Uplink
from tests.core.records import renamed
from tests.fakes import http_county
from tests.fakes.clock import FakeClock, FakeStop
from tests.fakes.http_county import TOKEN, Behaviour, HttpCounty
from tests.fakes.passages import passage, stamp
from tests.fakes.store import FakeStore
from tests.fakes.uplink import FakeUplink, refusal

LOGIN_PAGE = "<!doctype html><title>上网登录</title>".encode()


class County(Protocol):
    """A county that can be spoilt: for the fake an answer, for HTTP a behaviour."""

    uplink: Uplink

    def spoil(self, trouble: "Trouble") -> None: ...
    def repair(self) -> None: ...
    def kept(self) -> dict[str, bytes]: ...


@dataclass(frozen=True)
class Trouble:
    """How a county misbehaves over HTTP, what the fake answers for it, and what the technician must read of it."""

    behaviour: Behaviour
    answer: Answer
    words: str


TROUBLES = {
    "500": Trouble(http_county.answers(500, b"oops"), Answer(500, b"oops"), "cannot take records"),
    "503": Trouble(
        http_county.answers(503, http_county.said("busy"), Retry_After="2"),
        Answer(503, http_county.said("busy"), retry_after_s=2.0),
        "because of busy",
    ),
    "401": Trouble(http_county.answers(401, http_county.said("bad_token")), refusal(401, "bad_token"), "token"),
    "401 of a proxy": Trouble(http_county.answers(401, LOGIN_PAGE), Answer(401, LOGIN_PAGE), "proxy"),
    "another gate's token": Trouble(
        http_county.answers(400, http_county.said("other_gate")), refusal(400, "other_gate"), "token"
    ),
    "404": Trouble(http_county.answers(404, LOGIN_PAGE), Answer(404, LOGIN_PAGE), "check the address"),
    "405": Trouble(http_county.answers(405, b""), Answer(405), "check the address"),
    "redirect": Trouble(
        http_county.answers(302, b"", Location="http://127.0.0.1:1/login"), Answer(302), "check the address"
    ),
    "login page": Trouble(http_county.answers(200, LOGIN_PAGE), Answer(200, LOGIN_PAGE), "login page"),
    "400 of a proxy": Trouble(http_county.answers(400, LOGIN_PAGE), Answer(400, LOGIN_PAGE), "login page"),
    "empty 200": Trouble(http_county.answers(200, b""), Answer(200), "login page"),
    "empty 201": Trouble(http_county.answers(201, b"{}"), Answer(201, b"{}"), "login page"),
    "204": Trouble(http_county.answers(204, b""), Answer(204), "login page"),
    "JSON garbage": Trouble(http_county.answers(200, b"[" * 9000), Answer(200, b"[" * 9000), "login page"),
    "garbage": Trouble(http_county.speaks_garbage, Answer(None, failure="BadStatusLine"), "no answer"),
    "nothing": Trouble(http_county.says_nothing, Answer(None, failure="RemoteDisconnected"), "no answer"),
    "closes mid-body": Trouble(http_county.closes_mid_body, Answer(None, failure="IncompleteRead"), "no answer"),
    "drips its body": Trouble(http_county.drips_body, Answer(None, failure="TimeoutError"), "no answer"),
    "drips its head": Trouble(http_county.drips_head, Answer(None, failure="TimeoutError"), "no answer"),
    "drips its chunks": Trouble(http_county.drips_chunks, Answer(None, failure="TimeoutError"), "no answer"),
    "huge body": Trouble(http_county.sends_too_much, Answer(None, failure="longer than 65536 bytes"), "no answer"),
    "huge redirect": Trouble(
        http_county.redirects_without_end("http://127.0.0.1:1"), Answer(None, failure="longer than"), "no answer"
    ),
    "names another record": Trouble(
        lambda handler, uuid, body: handler.answer(
            200, http_county.stored("7f3c7b0e-0000-4000-8000-000000000000", body)
        ),
        Answer(200, http_county.stored("7f3c7b0e-0000-4000-8000-000000000000", b"")),
        "login page",
    ),
    "names other bytes": Trouble(
        lambda handler, uuid, body: handler.answer(201, http_county.stored(uuid, body + b" ")),
        Answer(201, b'{"uuid": "it", "sha256": "other"}'),
        "login page",
    ),
}


class FakeCounty:
    def __init__(self) -> None:
        self._trouble: Trouble | None = None
        self._fake = FakeUplink(spoil=lambda uuid: None if self._trouble is None else self._trouble.answer)
        self.uplink: Uplink = self._fake

    def spoil(self, trouble: Trouble) -> None:
        self._trouble = trouble

    def repair(self) -> None:
        self._trouble = None

    def kept(self) -> dict[str, bytes]:
        return self._fake.kept


class RealCounty:
    def __init__(self, server: HttpCounty) -> None:
        self._server = server
        self.uplink: Uplink = HttpUplink(server.url, TOKEN, connect_timeout_s=5.0, answer_timeout_s=0.5)

    def spoil(self, trouble: Trouble) -> None:
        self._server.behaviour = trouble.behaviour

    def repair(self) -> None:
        self._server.behaviour = None

    def kept(self) -> dict[str, bytes]:
        return self._server.kept


@pytest.fixture(params=["fake", "http"])
def county(request: pytest.FixtureRequest) -> Iterator[County]:
    with ExitStack() as opened:
        made: County = FakeCounty() if request.param == "fake" else RealCounty(opened.enter_context(HttpCounty()))
        opened.callback(made.uplink.close)
        yield made


def synced(store: FakeStore, uplink: Uplink, for_s: float) -> list[SyncEvent]:
    clock, events = FakeClock(), list[SyncEvent]()
    run_sync(store, uplink, clock.now_s, FakeStop(clock, for_s), events.append, every_s=2.0, uniform=lambda: 0.5)
    return events


@pytest.mark.parametrize("name", TROUBLES)
def test_trouble_loses_nothing_says_what_it_is_and_afterwards_everything_arrives(county: County, name: str) -> None:
    store = FakeStore()
    records = [store.append(passage(n), stamp(n)) for n in range(5)]
    county.spoil(TROUBLES[name])
    during = synced(store, county.uplink, for_s=2.0)
    assert store.counts() == (5, 0, 0)
    assert during[-1].waiting == 5
    assert during[-1].failure is not None
    assert TROUBLES[name].words in during[-1].failure.en
    assert any("\u4e00" <= sign <= "\u9fff" for sign in during[-1].failure.zh)
    assert county.kept() == {}

    county.repair()
    after = synced(store, county.uplink, for_s=10.0)
    assert store.counts() == (5, 5, 0)
    assert after[-1] == SyncEvent(sent=5, acknowledged=5, set_aside=0, waiting=0, failure=None)
    assert list(county.kept()) == [record.uuid for record in records]


def test_a_good_county_names_the_record_and_its_bytes(county: County) -> None:
    store = FakeStore()
    store.append(passage(), stamp())
    ((record, body),) = store.unsent(1)
    for _ in range(2):
        answer = county.uplink.put(record.uuid, body)
        assert answer.status in (200, 201)
        assert answer.failure == ""
    assert county.kept() == {record.uuid: body}


def test_other_bytes_under_the_same_uuid_are_refused_and_the_first_stand(county: County) -> None:
    store = FakeStore()
    store.append(passage(), stamp())
    ((record, body),) = store.unsent(1)
    county.uplink.put(record.uuid, body)
    # The same record with another reading: 36.125 becomes 36.126.
    assert county.uplink.put(record.uuid, renamed(body.replace(b"36.125", b"36.126"))).status == 409
    assert county.kept() == {record.uuid: body}


def test_a_closed_uplink_may_be_closed_again(county: County) -> None:
    county.uplink.close()
    county.uplink.close()
