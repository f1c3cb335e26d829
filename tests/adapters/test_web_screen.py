"""The hand-over from the gate to its viewers: the newest frame, at once, whatever the viewers do."""

import json
import threading
from collections.abc import Iterator

import numpy as np
import pytest
import requests
from numpy.typing import NDArray
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from edge.adapters.web_screen import WebScreen, server, viewers
from edge.core.errors import ScreenError
from edge.core.screen import ScreenState, message, to_steps
from tests.adapters.web_clients import WAIT_S, hear_all, live, next_frame, next_seq, origin, raw, upgrade, viewer
from tests.fakes.screens import even_picture, screen_state


@pytest.fixture
def screen() -> Iterator[WebScreen]:
    served = WebScreen(port=0)
    yield served
    served.close()


class Encoder:
    """Encodes as the screen does, counts, and can be made to wait or to fail."""

    def __init__(self) -> None:
        self.count = 0
        self.fail_next = False
        self.busy = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()

    def __call__(self, state: ScreenState, picture: NDArray[np.float32] | None, published_s: float) -> bytes:
        self.count += 1
        self.busy.set()
        assert self.go_on.wait(WAIT_S)
        if self.fail_next:
            self.fail_next = False
            raise ValueError("cannot be encoded")
        return message(state, picture, published_s)


def test_a_viewer_is_greeted_with_the_clock_and_then_sees_each_frame(screen: WebScreen) -> None:
    with connect(live(screen.url), origin=origin(screen.url)) as page:
        hello = json.loads(page.recv(timeout=WAIT_S))
        assert hello["hold_s"] == 3.0
        assert len(hello["edition"]) == 16
        picture = even_picture(30.0)
        picture[0, 0] = 36.0
        screen.publish(screen_state(5), picture)
        head, pixels = next_frame(page)
    assert head["state"]["frame_seq"] == 5
    assert (head["picture"]["rows"], head["picture"]["columns"]) == (160, 120)
    assert pixels == to_steps(picture).tobytes()
    assert head["published_s"] >= hello["now_s"]


def test_a_viewer_that_comes_later_sees_the_newest_frame_with_its_age(screen: WebScreen) -> None:
    screen.publish(screen_state(1), None)
    screen.publish(screen_state(2), None)
    with connect(live(screen.url), origin=origin(screen.url)) as page:
        hello = json.loads(page.recv(timeout=WAIT_S))
        head, _ = next_frame(page)
    assert head["state"]["frame_seq"] == 2
    assert head["published_s"] <= hello["now_s"]


def test_picture_and_state_stay_together(screen: WebScreen) -> None:
    def publish_all() -> None:
        for seq in range(1, 201):
            screen.publish(screen_state(seq), even_picture(16.0 + seq / 10, 8, 8))

    with viewer(screen.url) as page:
        gate = threading.Thread(target=publish_all)
        gate.start()
        seq = 0
        while seq < 200:
            head, pixels = next_frame(page)
            seq = head["state"]["frame_seq"]
            assert pixels == to_steps(even_picture(16.0 + seq / 10, 8, 8)).tobytes()
        gate.join()


def test_publish_never_waits_and_only_the_newest_frame_is_kept() -> None:
    encoder = Encoder()
    screen = WebScreen(port=0, encode=encoder)
    with viewer(screen.url) as page:
        encoder.go_on.clear()
        screen.publish(screen_state(1), None)
        assert encoder.busy.wait(WAIT_S)
        # The screen's thread is stuck now; all of these would wait for ever if they waited for it.
        for seq in range(2, 1001):
            screen.publish(screen_state(seq), None)
        encoder.go_on.set()
        seen = [next_seq(page)]
        while seen[-1] != 1000:
            seen.append(next_seq(page))
    screen.close()
    assert seen in ([1, 1000], [1000])
    assert encoder.count == 2


def test_a_frame_is_encoded_once_for_all_and_never_for_nobody() -> None:
    encoder = Encoder()
    screen = WebScreen(port=0, encode=encoder)
    for seq in range(1, 6):
        screen.publish(screen_state(seq), None)
    # An answer means that the loop has dealt with everything that came before.
    assert requests.get(screen.url, timeout=WAIT_S).ok
    assert encoder.count == 0
    with viewer(screen.url) as first, viewer(screen.url) as second, viewer(screen.url) as third:
        pages = (first, second, third)
        assert [next_seq(page) for page in pages] == [5, 5, 5]
        screen.publish(screen_state(6), None)
        assert [next_seq(page) for page in pages] == [6, 6, 6]
    screen.close()
    assert encoder.count == 2


def test_a_viewer_that_does_not_read_holds_up_nobody_and_misses_frames(screen: WebScreen) -> None:
    frames = 400
    picture = even_picture(30.0, 320, 256)
    with viewer(screen.url) as quick, viewer(screen.url) as slow:
        for seq in range(1, frames + 1):
            screen.publish(screen_state(seq), picture)
            assert next_seq(quick) == seq
        seen = [next_seq(slow)]
        while seen[-1] != frames:
            seen.append(next_seq(slow))
    assert seen == sorted(seen)
    assert len(seen) < frames / 2


def test_a_frame_that_cannot_be_encoded_is_left_out() -> None:
    encoder = Encoder()
    screen = WebScreen(port=0, encode=encoder)
    with viewer(screen.url) as page:
        encoder.fail_next = True
        screen.publish(screen_state(1), None)
        assert encoder.busy.wait(WAIT_S)
        assert requests.get(screen.url, timeout=WAIT_S).ok
        screen.publish(screen_state(2), None)
        assert next_seq(page) == 2
    screen.close()


def test_the_clock_is_told_while_there_is_no_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewers, "HEARTBEAT_S", 0.02)
    ticks = iter(range(1000))
    screen = WebScreen(port=0, now_s=lambda: float(next(ticks)))
    with viewer(screen.url) as page:
        told = [json.loads(page.recv(timeout=WAIT_S))["now_s"] for _ in range(3)]
    screen.close()
    assert told == [1.0, 2.0, 3.0]


def test_one_viewer_too_many_is_told_so_and_a_free_place_is_given_again() -> None:
    screen = WebScreen(port=0, most_viewers=2)
    with viewer(screen.url) as first:
        with (
            viewer(screen.url) as second,
            connect(live(screen.url), origin=origin(screen.url)) as third,
        ):
            with pytest.raises(ConnectionClosed) as refused:
                third.recv(timeout=WAIT_S)
            assert refused.value.rcvd is not None
            assert (refused.value.rcvd.code, refused.value.rcvd.reason) == (1013, "2 viewers already")
            second.close()
        screen.publish(screen_state(1), None)
        assert next_seq(first) == 1
        with viewer(screen.url) as next_one:
            assert next_seq(next_one) == 1
    screen.close()


@pytest.mark.parametrize(("said", "code"), [("hello", 1008), (b"\0" * 10, 1008), ("x" * 100_000, 1009)])
def test_a_viewer_that_talks_is_shown_out(screen: WebScreen, said: str | bytes, code: int) -> None:
    with viewer(screen.url) as good, viewer(screen.url) as bad:
        bad.send(said)
        with pytest.raises(ConnectionClosed) as closed:
            bad.recv(timeout=WAIT_S)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == code
        screen.publish(screen_state(1), None)
        assert next_seq(good) == 1


def test_a_viewer_that_answers_no_ping_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "PING_S", 0.05)
    monkeypatch.setattr(server, "PONG_WITHIN_S", 0.05)
    screen = WebScreen(port=0)
    with raw(screen.url) as deaf:
        upgrade(deaf, screen.url)
        assert hear_all(deaf).startswith(b"HTTP/1.1 101")
    screen.close()


def test_close_shows_the_viewers_out_and_frees_the_port() -> None:
    screen = WebScreen(port=0)
    port = int(screen.url.rstrip("/").rpartition(":")[2])
    with viewer(screen.url) as page, raw(screen.url) as deaf, raw(screen.url):
        upgrade(deaf, screen.url)
        for seq in range(1, 300):
            screen.publish(screen_state(seq), even_picture(30.0, 320, 256))
            assert next_seq(page) == seq
        screen.close()
        with pytest.raises(ConnectionClosed) as closed:
            page.recv(timeout=WAIT_S)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1001
    screen.close()
    screen.publish(screen_state(1), None)
    again = WebScreen(port=port)
    assert requests.get(again.url, timeout=WAIT_S).ok
    again.close()


def test_a_port_in_use_is_said_in_both_languages(screen: WebScreen) -> None:
    port = int(screen.url.rstrip("/").rpartition(":")[2])
    with pytest.raises(ScreenError) as refused:
        WebScreen(port=port)
    assert f"端口 {port} 已被占用" in refused.value.zh
    assert f"port {port} is in use" in refused.value.en


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])
def test_the_network_is_let_in_only_when_asked_for(host: str) -> None:
    with pytest.raises(ScreenError, match="allow remote access"):
        WebScreen(host, 0)


def test_a_name_or_a_foreign_address_is_refused() -> None:
    with pytest.raises(ScreenError, match="is no IP address"):
        WebScreen("gate.example", 0)
    # TEST-NET-1 (RFC 5737) belongs to no machine.
    with pytest.raises(ScreenError, match="cannot be used"):
        WebScreen("192.0.2.1", 0, allow_remote=True)
