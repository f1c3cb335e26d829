"""The technician's pages over HTTP: this machine's own page alone, whoever asks else and whatever is sent."""

import contextlib
import json
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests

from edge.adapters.web_screen import WebScreen, doors, tech
from edge.core.tech import TechAnswer, TechFile
from tests.adapters.web_clients import WAIT_S, hear_all, raw, say

SECRET = "s3cr3t-of-this-session"


class Technician:
    """See `edge.ports.Technician`: says back what it was asked, and knows one secret."""

    def __init__(self) -> None:
        self.asked: list[tuple[bytes, str | None]] = []
        self.hold = threading.Event()
        self.hold.set()

    def ask(self, body: bytes, session: str | None) -> TechAnswer:
        self.asked.append((body, session))
        self.hold.wait(WAIT_S)
        if body == b'{"do": "in"}':
            return TechAnswer({"ok": True}, session=SECRET)
        if body == b'{"do": "out"}':
            return TechAnswer({"ok": True}, ended=True)
        return TechAnswer({"ok": session == SECRET}, 200 if session == SECRET else 401)

    def frame(self, session: str | None, after: int) -> bytes | None:
        return None if session != SECRET else b"\0\1" + str(after).encode()

    def file(self, session: str | None, name: str) -> TechFile | None:
        return None if session != SECRET else TechFile(f'证书 "{name}"\r\nx: y.pdf', "application/pdf", b"%PDF")


@pytest.fixture
def technician() -> Iterator[Technician]:
    made = Technician()
    yield made
    made.hold.set()


@pytest.fixture
def screen(technician: Technician) -> Iterator[WebScreen]:
    served = WebScreen(port=0, names=("gate.example",))
    served.attend(technician)
    yield served
    served.close()


def page(screen: WebScreen, signed_in: bool = True) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.headers["Origin"] = screen.url.rstrip("/")
    if signed_in:
        answer = ask(session, screen, b'{"do": "in"}')
        assert answer.status_code == 200
    return session


def ask(session: requests.Session, screen: WebScreen, body: bytes, kind: str = "application/json") -> requests.Response:
    return session.post(screen.url + "tech/ask", data=body, headers={"Content-Type": kind}, timeout=WAIT_S)


def test_a_session_is_a_cookie_that_no_script_and_no_other_path_sees(screen: WebScreen) -> None:
    session = requests.Session()
    session.headers["Origin"] = screen.url.rstrip("/")
    answer = ask(session, screen, b'{"do": "in"}')
    [cookie] = answer.headers["set-cookie"].split(", ")
    assert SECRET in cookie
    for word in ("HttpOnly", "Path=/tech", "SameSite=strict"):
        assert word in cookie
    assert SECRET not in answer.text
    assert ask(session, screen, b'{"do": "state"}').status_code == 200
    assert ask(session, screen, b'{"do": "out"}').status_code == 200
    assert ask(session, screen, b'{"do": "state"}').status_code == 401


def test_the_picture_and_a_file_are_for_who_has_signed_in(screen: WebScreen) -> None:
    session = page(screen)
    frame = session.get(screen.url + "tech/frame?after=12", timeout=WAIT_S)
    assert (frame.status_code, frame.content) == (200, b"\0\x0112")
    file = session.get(screen.url + "tech/file/certificate.pdf", timeout=WAIT_S)
    assert file.content == b"%PDF"
    # Whatever the name holds, it stays in its one header.
    assert "x" not in file.headers
    assert file.headers["content-disposition"].isascii()
    for answer in (frame, file):
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["cache-control"] == "no-store"
    stranger = requests.Session()
    assert stranger.get(screen.url + "tech/frame", timeout=WAIT_S).status_code == 204
    assert stranger.get(screen.url + "tech/file/certificate.pdf", timeout=WAIT_S).status_code == 404


@pytest.mark.parametrize("after", ["-1", "x", "1" * 16, "１", "1.5"])
def test_a_number_that_is_none_finds_no_picture(screen: WebScreen, after: str) -> None:
    assert page(screen).get(screen.url + f"tech/frame?after={after}", timeout=WAIT_S).status_code == 404


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1", None])
def test_another_sites_page_may_ask_for_nothing(screen: WebScreen, technician: Technician, origin: str | None) -> None:
    session = page(screen)
    asked = len(technician.asked)
    if origin is None:
        del session.headers["Origin"]
    else:
        session.headers["Origin"] = origin
    assert ask(session, screen, b'{"do": "restart"}').status_code == 403
    assert len(technician.asked) == asked


@pytest.mark.parametrize("header", tech._FORWARDED)
def test_what_comes_through_a_proxy_is_not_this_machines(
    screen: WebScreen, technician: Technician, header: str
) -> None:
    session = page(screen)
    asked = len(technician.asked)
    session.headers[header] = "127.0.0.1"
    assert ask(session, screen, b'{"do": "state"}').status_code == 403
    assert session.get(screen.url + "tech/frame", timeout=WAIT_S).status_code == 403
    assert session.get(screen.url + "tech/file/support.zip", timeout=WAIT_S).status_code == 403
    assert len(technician.asked) == asked


def test_a_name_of_the_gate_is_not_this_machine(screen: WebScreen, technician: Technician) -> None:
    with raw(screen.url) as connection:
        say(
            connection,
            "POST /tech/ask HTTP/1.1",
            "Host: gate.example",
            "Origin: https://gate.example",
            "Content-Type: application/json",
            f"Cookie: foregate-tech-{urlsplit(screen.url).port}={SECRET}",
            "Content-Length: 2",
            "Connection: close",
        )
        connection.sendall(b"{}")
        assert b"403" in hear_all(connection).splitlines()[0]
    assert technician.asked == []


def test_from_another_machine_nothing_is_there(technician: Technician) -> None:
    """A machine's own other address stands for the network: it is not loopback on both ends."""
    screen = WebScreen("0.0.0.0", 0, allow_remote=True)
    screen.attend(technician)
    port = urlsplit(screen.url).port
    address = _own_address()
    try:
        url = f"http://{address}:{port}"
        for path in ("tech/frame", "tech/file/support.zip"):
            assert requests.get(f"{url}/{path}", timeout=WAIT_S, proxies={"http": ""}).status_code == 403
        answer = requests.post(
            f"{url}/tech/ask", json={"do": "in"}, headers={"Origin": url}, timeout=WAIT_S, proxies={"http": ""}
        )
        assert answer.status_code == 403
        assert "本机" in answer.content.decode()
        assert technician.asked == []
    finally:
        screen.close()


def _own_address() -> str:
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no address but loopback")
        return str(probe.getsockname()[0])


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{}", "text/plain", 415),
        (b"{}", "application/x-www-form-urlencoded", 415),
        (b"{}", "", 415),
        (b"x" * (tech.MOST_BYTES + 1), "application/json", 413),
    ],
)
def test_a_body_too_large_or_of_another_kind_reaches_nobody(
    screen: WebScreen, technician: Technician, body: bytes, kind: str, status: int
) -> None:
    session = page(screen)
    asked = len(technician.asked)
    assert ask(session, screen, body, kind).status_code == status
    assert len(technician.asked) == asked


def test_a_body_that_never_ends_is_cut_off(screen: WebScreen, technician: Technician) -> None:
    session = page(screen)
    asked = len(technician.asked)
    # The refusal may be lost with the connection: bytes that nobody reads reset it.
    with contextlib.suppress(requests.RequestException):
        assert ask(session, screen, b"x" * (40 * tech.MOST_BYTES)).status_code == 413
    assert len(technician.asked) == asked


def test_a_body_that_does_not_arrive_is_not_waited_for(
    screen: WebScreen, technician: Technician, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "REQUEST_WITHIN_S", 0.3)
    host = urlsplit(screen.url).netloc
    with raw(screen.url) as connection:
        say(connection, "POST /tech/ask HTTP/1.1", f"Host: {host}", f"Origin: http://{host}",
            "Content-Type: application/json", "Content-Length: 100")  # fmt: skip
        connection.sendall(b'{"do": ')
        assert b"408" in hear_all(connection).splitlines()[0]
    assert technician.asked == []


def test_too_much_at_once_is_refused_and_the_guards_page_is_served_on(
    screen: WebScreen, technician: Technician
) -> None:
    technician.hold.clear()
    busy: list[int] = []

    def asks() -> None:
        with contextlib.suppress(requests.RequestException):
            busy.append(ask(page(screen, signed_in=False), screen, b'{"do": "slow"}').status_code)

    threads = [threading.Thread(target=asks) for _ in range(tech.MOST_REQUESTS + 4)]
    for thread in threads:
        thread.start()
    while len(busy) < 4:
        threads[0].join(0.01)
    assert busy == [429] * 4
    assert requests.get(screen.url, timeout=WAIT_S).status_code == 200
    technician.hold.set()
    for thread in threads:
        thread.join()
    assert busy.count(401) == tech.MOST_REQUESTS


def test_without_a_technicians_desk_the_page_is_told_so() -> None:
    screen = WebScreen(port=0)
    try:
        answer = ask(page(screen, signed_in=False), screen, json.dumps({"do": "state"}).encode())
        assert (answer.status_code, answer.json()["code"]) == (503, "unanswered")
    finally:
        screen.close()
