"""The roster over HTTP: what is asked, what is taken, where it ends."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from edge.adapters.uplink_http import HttpRosterFeed
from edge.core.answer import Answer
from edge.core.errors import RosterError
from tests.fakes.http_county import TOKEN, said

MEGABYTE = b"r" * 1_000_000


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    county: "RosterCounty"

    def do_GET(self) -> None:
        self.county.asked.append((self.path, self.headers["Authorization"]))
        status, body, claimed = self.county.answer
        try:
            self.send_response(status)
            if status != 204:
                self.send_header("Content-Length", str(len(body) if claimed is None else claimed))
            for name, value in self.county.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            if claimed is not None:
                self.close_connection = True
        except ConnectionError:
            self.close_connection = True  # the gate gave up, as it should

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True  # it went away between two requests

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: pytest shows what matters."""


class RosterCounty:
    """answer: status, body, and the length that it claims (None: its own)."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.answer: tuple[int, bytes, int | None] = (204, b"", None)
        self.headers: dict[str, str] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"county": self}))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def county() -> Iterator[RosterCounty]:
    running = RosterCounty()
    yield running
    running.close()


@pytest.fixture
def feed(county: RosterCounty) -> Iterator[HttpRosterFeed]:
    opened = HttpRosterFeed(county.url, TOKEN, answer_timeout_s=10.0)
    yield opened
    opened.close()
    opened.close()


def test_it_asks_with_the_token_for_what_is_newer_and_hears_that_nothing_is(
    county: RosterCounty, feed: HttpRosterFeed
) -> None:
    pieces: list[bytes] = []
    assert feed.fetch(7, 1_767_600_000_000, pieces.append) == Answer(204)
    assert county.asked == [("/api/v1/roster?version=7&issued=1767600000000", f"Bearer {TOKEN}")]
    assert pieces == []


def test_a_roster_is_handed_on_in_pieces_as_it_was_sent(county: RosterCounty, feed: HttpRosterFeed) -> None:
    county.answer = 200, MEGABYTE, None
    county.headers = {"Content-Encoding": "gzip"}
    pieces: list[bytes] = []
    assert feed.fetch(0, 0, pieces.append) == Answer(200)
    assert b"".join(pieces) == MEGABYTE, "not unpacked: a roster is signed as it is"
    assert max(map(len, pieces)) <= 65_536


def test_what_is_cut_off_is_no_roster(county: RosterCounty, feed: HttpRosterFeed) -> None:
    county.answer = 200, MEGABYTE, 2_000_000
    answer = feed.fetch(0, 0, lambda piece: None)
    assert answer.status is None
    assert "IncompleteRead" in answer.failure


def test_the_county_s_words_come_back_with_its_wish(county: RosterCounty, feed: HttpRosterFeed) -> None:
    county.answer = 503, said("no_key"), None
    county.headers = {"Retry-After": "30"}
    assert feed.fetch(0, 0, lambda piece: None) == Answer(503, said("no_key"), retry_after_s=30.0)


def test_an_endless_refusal_and_a_redirect_are_no_roster(county: RosterCounty, feed: HttpRosterFeed) -> None:
    county.answer = 404, MEGABYTE, None
    assert feed.fetch(0, 0, lambda piece: None).status is None
    county.answer = 302, b"", None
    county.headers = {"Location": f"{county.url}/elsewhere"}
    assert feed.fetch(0, 0, lambda piece: None) == Answer(302)
    assert len(county.asked) == 2


def test_whoever_takes_the_pieces_may_end_it(county: RosterCounty, feed: HttpRosterFeed) -> None:
    county.answer = 200, MEGABYTE, None

    def refuse(piece: bytes) -> None:
        raise RosterError("磁盘已满", "the disk is full")

    with pytest.raises(RosterError, match="the disk is full"):
        feed.fetch(0, 0, refuse)
    pieces: list[bytes] = []
    assert feed.fetch(0, 0, pieces.append).status == 200
    assert b"".join(pieces) == MEGABYTE, "the rest of the refused one is not taken for the next"


def test_a_county_that_is_away_is_an_answer() -> None:
    feed = HttpRosterFeed("http://127.0.0.1:1", TOKEN)
    answer = feed.fetch(0, 0, lambda piece: None)
    assert (answer.status, answer.connected) == (None, False)
    assert TOKEN not in repr(feed)
    feed.close()
