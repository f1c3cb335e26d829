"""What every Uplink promises, on the fake and over HTTP against a county that misbehaves."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Protocol

import pytest

from edge.adapters.uplink_http import HttpUplink
from edge.app.sync_loop import SyncEvent, run_sync
from edge.core.answer import Answer
from edge.core.lodging import missing
from edge.core.record import fingerprint, parse
from edge.ports import Uplink
from tests.fakes import http_county
from tests.fakes.clock import FakeClock, FakeStop
from tests.fakes.http_county import TOKEN, Behaviour, HttpCounty
from tests.fakes.passages import passage, stamp
from tests.fakes.signing import bytes_of
from tests.fakes.store import FakeStore
from tests.fakes.uplink import FakeUplink, refusal

LOGIN_PAGE = "<!doctype html><title>上网登录</title>".encode()


class County(Protocol):
    """A county that can be spoilt: for the fake an answer, for HTTP a behaviour."""

    uplink: Uplink

    def spoil(self, trouble: "Trouble") -> None: ...
    def repair(self) -> None: ...
    def kept(self) -> dict[str, bytes]: ...


def named(uuid: str, sha256: str) -> bytes:
    """An answer that names one record."""
    return json.dumps({"answers": [{"uuid": uuid, "sha256": sha256, "status": "created"}]}).encode()


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
    "huge body": Trouble(http_county.sends_too_much, Answer(None, failure="longer than 524288 bytes"), "no answer"),
    "huge redirect": Trouble(
        http_county.redirects_without_end("http://127.0.0.1:1"), Answer(None, failure="longer than"), "no answer"
    ),
    "names another record": Trouble(
        lambda handler, bodies: handler.answer(
            200, named("7f3c7b0e-0000-4000-8000-000000000000", fingerprint(bodies[0]))
        ),
        Answer(200, named("7f3c7b0e-0000-4000-8000-000000000000", "0" * 64)),
        "login page",
    ),
    "names other bytes": Trouble(
        lambda handler, bodies: handler.answer(200, named(parse(bodies[0]).uuid, "0" * 64)),
        Answer(200, named("it", "0" * 64)),
        "login page",
    ),
    "the old answer to one record": Trouble(
        lambda handler, bodies: handler.answer(
            201, json.dumps({"uuid": parse(bodies[0]).uuid, "sha256": fingerprint(bodies[0])}).encode()
        ),
        Answer(201, b'{"uuid": "it", "sha256": "its"}'),
        "login page",
    ),
}


class FakeCounty:
    def __init__(self) -> None:
        self._trouble: Trouble | None = None
        self._fake = FakeUplink(spoil=lambda uuids: None if self._trouble is None else self._trouble.answer)
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


def test_a_good_county_names_every_record_and_its_bytes_as_often_as_it_is_asked(county: County) -> None:
    store = FakeStore()
    for n in range(7):
        store.append(passage(n), stamp(n))
    waiting = store.unsent(7)
    for _ in range(2):
        answer = county.uplink.send([body for _, body in waiting])
        assert (answer.status, answer.failure) == (200, "")
        lines = json.loads(answer.body)["answers"]
        assert [(line["uuid"], line["sha256"]) for line in lines] == [(r.uuid, fingerprint(b)) for r, b in waiting]
    assert county.kept() == {record.uuid: body for record, body in waiting}


def test_other_bytes_under_the_same_uuid_are_refused_by_their_line_and_the_first_stand(county: County) -> None:
    store = FakeStore()
    for n in range(2):
        store.append(passage(n), stamp(n))
    (_, first), (record, body) = store.unsent(2)
    county.uplink.send([body])
    other = bytes_of(replace(record, software_version="0.2.0"))
    lines = json.loads(county.uplink.send([first, other]).body)["answers"]
    assert lines[0]["sha256"] == fingerprint(first)
    assert (lines[1]["line"], lines[1]["error"]["code"]) == (2, "uuid_taken")
    assert county.kept()[record.uuid] == body


def test_a_status_is_answered_with_what_is_missing(county: County) -> None:
    assert missing(county.uplink.status(b'{"head": null, "health": {}}')) == ()


def test_a_closed_uplink_may_be_closed_again(county: County) -> None:
    county.uplink.close()
    county.uplink.close()
