"""Who is let in to the guard's screen, and what its answers forbid."""

import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from edge.adapters.web_screen import WebScreen, doors
from tests.adapters.web_clients import WAIT_S, hear_all, live, raw, say, upgrade, viewer


@pytest.fixture(scope="module")
def screen() -> Iterator[WebScreen]:
    served = WebScreen(port=0, names=("gate.example",))
    yield served
    served.close()


def ask(screen: WebScreen, *lines: str) -> str:
    """The status line of the answer to a request written by hand."""
    with raw(screen.url) as connection:
        say(connection, *lines, "Connection: close")
        return hear_all(connection).decode().splitlines()[0]


@pytest.mark.parametrize("path", ["", "screen.css", "main.js", "icon.svg", "texts.json", "nothing", "../server.py"])
def test_every_answer_forbids_what_the_page_does_not_need(screen: WebScreen, path: str) -> None:
    answer = requests.get(screen.url + path, timeout=WAIT_S)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "*" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers


def test_only_the_page_is_served(screen: WebScreen) -> None:
    host = urlsplit(screen.url).netloc
    for path in ("/nothing", "/../server.py", "/%2e%2e/server.py", "//etc/passwd", "/words.json"):
        assert ask(screen, f"GET {path} HTTP/1.1", f"Host: {host}") == "HTTP/1.1 404 Not Found"
    assert requests.post(screen.url, timeout=WAIT_S).status_code == 403
    own = {"Origin": screen.url.rstrip("/")}
    assert requests.post(screen.url, headers=own, timeout=WAIT_S).status_code == 405


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.2:{port}"]
)
def test_a_request_for_another_host_is_refused(screen: WebScreen, host: str) -> None:
    host = host.format(port=urlsplit(screen.url).port)
    answer = requests.get(screen.url, headers={"Host": host}, timeout=WAIT_S)
    assert answer.status_code == 421
    assert "content-security-policy" in answer.headers
    with pytest.raises(InvalidStatus) as refused:
        connect(live(screen.url), origin=Origin(f"http://{host}"), additional_headers={"Host": host})
    assert refused.value.response.status_code in (400, 403)


def test_no_host_and_two_hosts_are_refused(screen: WebScreen) -> None:
    host = urlsplit(screen.url).netloc
    assert " 4" in ask(screen, "GET / HTTP/1.1")
    assert ask(screen, "GET / HTTP/1.0") == "HTTP/1.1 421 Misdirected Request"
    assert " 4" in ask(screen, "GET / HTTP/1.1", f"Host: {host}", "Host: evil.example")


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST", "gate.example"])
def test_its_own_names_are_served(screen: WebScreen, name: str) -> None:
    host = f"{name}:{urlsplit(screen.url).port}"
    assert requests.get(screen.url, headers={"Host": host}, timeout=WAIT_S).ok


@pytest.mark.parametrize(
    "origin", [None, "null", "http://evil.example", "https://127.0.0.1:{port}", "http://127.0.0.1"]
)
def test_the_feed_is_given_to_no_other_page(screen: WebScreen, origin: str | None) -> None:
    told = None if origin is None else Origin(origin.format(port=urlsplit(screen.url).port))
    with pytest.raises(InvalidStatus) as refused:
        connect(live(screen.url), origin=told)
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("host", ["gate.example", "Gate.Example", "gate.example:{port}"])
@pytest.mark.parametrize("origin", ["https://gate.example", "http://gate.example", "http://gate.example:{port}"])
def test_a_name_of_the_configuration_is_served_also_through_a_tls_proxy(
    screen: WebScreen, host: str, origin: str
) -> None:
    port = urlsplit(screen.url).port
    headers = {"Host": host.format(port=port)}
    assert requests.get(screen.url, headers=headers, timeout=WAIT_S).ok
    # Connected by hand: a client library would add a Host of its own.
    with raw(screen.url) as connection:
        upgrade(connection, screen.url, headers["Host"], origin.format(port=port))
        assert connection.recv(12) == b"HTTP/1.1 101"


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("gate.example", "https://evil.example"),
        ("gate.example", "https://gate.example.evil.example"),
        ("gate.example", "https://evil.gate.example"),
        ("gate.example", "https://gate.example:8443"),
        ("gate.example", "null"),
        ("gate.example", "http://127.0.0.1:{port}"),
        ("gate.example", "ftp://gate.example"),
        ("gate.example:1", "http://gate.example:1"),
        ("127.0.0.1:{port}", "https://gate.example"),
        ("127.0.0.1:{port}", "https://127.0.0.1"),
        ("localhost:{port}", "https://localhost"),
        ("evil.example", "https://gate.example"),
    ],
)
def test_only_a_configured_name_is_served_so(screen: WebScreen, host: str, origin: str) -> None:
    port = urlsplit(screen.url).port
    with raw(screen.url) as connection:
        upgrade(connection, screen.url, host.format(port=port), origin.format(port=port))
        assert connection.recv(12) in (b"HTTP/1.1 403", b"HTTP/1.1 400")


def test_a_silent_connection_is_hung_up(screen: WebScreen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "REQUEST_WITHIN_S", 0.3)
    host = urlsplit(screen.url).netloc
    with raw(screen.url) as silent:
        assert hear_all(silent) == b""
    with raw(screen.url) as half:
        half.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\n".encode())
        assert hear_all(half) == b""
    with raw(screen.url) as second_half:
        say(second_half, "GET /icon.svg HTTP/1.1", f"Host: {host}")
        second_half.sendall(b"GET / HTTP/1.1\r\n")
        assert hear_all(second_half).count(b"HTTP/1.1 200") == 1


def test_a_viewer_who_has_been_greeted_is_not_hung_up(screen: WebScreen, monkeypatch: pytest.MonkeyPatch) -> None:
    # As long as a busy machine may take for the greeting.
    monkeypatch.setattr(doors, "REQUEST_WITHIN_S", 1.0)
    with viewer(screen.url) as connection:
        time.sleep(1.5)
        assert requests.get(screen.url, timeout=WAIT_S).ok
        assert connection.ping().wait(WAIT_S)


def test_a_remote_screen_answers_to_the_address_it_was_reached_by() -> None:
    screen = WebScreen("0.0.0.0", 0, allow_remote=True)
    port = urlsplit(screen.url).port
    url = f"http://127.0.0.1:{port}/"
    try:
        assert requests.get(url, timeout=WAIT_S).ok
        assert requests.get(url, headers={"Host": f"192.0.2.1:{port}"}, timeout=WAIT_S).status_code == 421
        with viewer(url):
            pass
    finally:
        screen.close()
