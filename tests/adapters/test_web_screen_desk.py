"""The guard's requests: from this page alone, once, answered in time, and never with a secret where it is not due."""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from edge.adapters.web_screen import WebScreen, desk, doors
from edge.core.desk import Answer, Request, SignIn, SignOut, TypeBadge
from edge.core.texts import ANSWERS
from tests.adapters.web_clients import WAIT_S, hear_all, raw
from tests.fakes.desk_gate import PIN, DeskGate
from tests.fakes.rosters import LI

SIGN_IN = {"do": "sign_in", "guard_id": "li-na", "pin": "482915"}
SECRET = "s3cr3t_of-this-session"
BADGE = {"do": "type_badge", "badge": "a1"}


class Gate:
    """Takes requests as the gate's loop does and answers as the test says; `taken` are those it has seen."""

    def __init__(self, screen: WebScreen) -> None:
        self.screen = screen
        self.taken: list[Request] = []
        self.answer: Callable[[Request], Answer] = lambda request: Answer(True, "badge_taken")
        self.stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self.stop.wait(0.002):
            for request in self.screen.requests():
                self.taken.append(request)
                request.answer(self.answer(request))

    def close(self) -> None:
        self.stop.set()
        self._thread.join()


class Clock:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def screen(clock: Clock) -> Iterator[WebScreen]:
    served = WebScreen(port=0, names=("gate.example",), sign_in_s=600.0, now_s=clock)
    yield served
    served.close()


@pytest.fixture
def gate(screen: WebScreen) -> Iterator[Gate]:
    working = Gate(screen)
    yield working
    working.close()


def page(screen: WebScreen) -> requests.Session:
    """The gate's own page in a browser that keeps cookies."""
    session = requests.Session()
    session.headers["Origin"] = screen.url.rstrip("/")
    return session


def ask(session: requests.Session, screen: WebScreen, asked: Any, **changes: Any) -> requests.Response:
    sent = {"data": json.dumps(asked), "headers": {"Content-Type": "application/json"}, **changes}
    return session.post(screen.url + "desk", timeout=WAIT_S, **sent)


def signed_in(gate: Gate, guard_id: str | None = "li-na") -> requests.Session:
    """A page whose guard has signed in."""
    session = page(gate.screen)
    gate.answer = lambda request: Answer(True, "signed_in", SECRET, guard_id)
    assert ask(session, gate.screen, SIGN_IN).json()["ok"]
    gate.answer = lambda request: Answer(True, "badge_taken")
    return session


def test_a_request_reaches_the_gate_and_its_answer_the_page(screen: WebScreen, gate: Gate) -> None:
    answer = ask(page(screen), screen, BADGE)
    assert answer.json() == {"ok": True, "code": "badge_taken", "guard": None, "left_s": None}
    (request,) = gate.taken
    assert (request.command, request.session, request.t_s) == (TypeBadge("A1"), None, 1000.0)
    gate.answer = lambda request: Answer(False, "too_late_to_act")
    assert ask(page(screen), screen, BADGE).json()["code"] == "too_late_to_act"


def test_signing_in_sets_a_cookie_that_no_script_and_no_other_site_can_use(screen: WebScreen, gate: Gate) -> None:
    session = page(screen)
    gate.answer = lambda request: Answer(True, "signed_in", SECRET)
    answer = ask(session, screen, SIGN_IN)
    assert SECRET not in answer.text
    attributes = answer.headers["set-cookie"].lower().split("; ")
    port = urlsplit(screen.url).port
    assert attributes[0] == f"foregate-{port}={SECRET.lower()}"
    assert set(attributes[1:]) == {"httponly", "path=/desk", "samesite=strict"}
    assert answer.json() == {"ok": True, "code": "signed_in", "guard": "li-na", "left_s": 600.0}
    assert gate.taken[0].command == SignIn("li-na", "482915")
    ask(session, screen, BADGE)
    assert gate.taken[1].session == SECRET
    assert "cookie" not in session.get(screen.url, timeout=WAIT_S).request.headers


def test_under_a_tls_name_the_cookie_is_for_tls_alone(screen: WebScreen, gate: Gate) -> None:
    session = signed_in(gate)
    through_proxy = {"Content-Type": "application/json", "Host": "gate.example", "Origin": "https://gate.example"}
    gate.answer = lambda request: Answer(True, "signed_in", SECRET)
    assert "secure" in ask(session, screen, SIGN_IN, headers=through_proxy).headers["set-cookie"].lower().split("; ")


def test_signing_out_takes_the_cookie_back(screen: WebScreen, gate: Gate) -> None:
    session = signed_in(gate)
    gate.answer = lambda request: Answer(True, "signed_out")
    answer = ask(session, screen, {"do": "sign_out"})
    assert (gate.taken[-1].command, gate.taken[-1].session) == (SignOut(), SECRET)
    assert answer.json()["guard"] is None
    assert not session.cookies
    gate.answer = lambda request: Answer(False, "sign_in_first")
    assert ask(session, screen, BADGE).json()["code"] == "sign_in_first"
    assert gate.taken[-1].session is None


def test_the_page_learns_who_has_signed_in_and_for_how_long(screen: WebScreen, gate: Gate, clock: Clock) -> None:
    def who(session: requests.Session) -> Any:
        return session.get(screen.url + "desk", timeout=WAIT_S).json()

    session = signed_in(gate, "G-by-badge")
    assert who(page(screen)) == {"guard": None, "left_s": None}
    clock.now_s += 400
    assert who(session) == {"guard": "G-by-badge", "left_s": 200.0}
    # An act counts anew, as it does at the gate.
    ask(session, screen, BADGE)
    assert who(session) == {"guard": "G-by-badge", "left_s": 600.0}
    clock.now_s += 600
    assert who(session) == {"guard": None, "left_s": None}
    # The gate has the last word.
    clock.now_s -= 600
    gate.answer = lambda request: Answer(False, "sign_in_first")
    answer = ask(session, screen, BADGE)
    assert answer.json() == {"ok": False, "code": "sign_in_first", "guard": None, "left_s": None}
    assert not session.cookies


@pytest.mark.parametrize("cookie", ["", "x" * 129, "a b", "秘密", 'a"b', "../a"])
def test_a_cookie_that_the_gate_never_gave_is_none(screen: WebScreen, gate: Gate, cookie: str) -> None:
    name = f"foregate-{urlsplit(screen.url).port}"
    headers = {"Content-Type": "application/json", "Cookie": f"{name}={cookie}".encode()}
    ask(page(screen), screen, BADGE, headers=headers)
    assert gate.taken[-1].session is None


@pytest.mark.parametrize(
    "origin",
    [None, "null", "http://evil.example", "http://127.0.0.1:1", "http://127.0.0.1", "https://127.0.0.1:{port}", ""],
)
def test_no_other_page_may_ask_even_with_the_cookie(screen: WebScreen, gate: Gate, origin: str | None) -> None:
    session = signed_in(gate)
    seen = len(gate.taken)
    session.headers.pop("Origin")
    told = {} if origin is None else {"Origin": origin.format(port=urlsplit(screen.url).port)}
    answer = ask(session, screen, BADGE, headers={"Content-Type": "application/json", **told})
    assert answer.status_code == 403
    # As a form of another site would do it.
    answer = session.post(screen.url + "desk", data={"do": "sign_out"}, headers=told, timeout=WAIT_S)
    assert answer.status_code == 403
    assert len(gate.taken) == seen


def test_a_request_for_another_host_is_refused(screen: WebScreen, gate: Gate) -> None:
    headers = {"Content-Type": "application/json", "Host": "evil.example", "Origin": "http://evil.example"}
    assert ask(page(screen), screen, BADGE, headers=headers).status_code == 421
    assert gate.taken == []


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "DELETE", "PATCH"])
def test_no_other_origin_is_ever_allowed_anything(screen: WebScreen, gate: Gate, method: str) -> None:
    preflight = {
        "Origin": "http://evil.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    for headers in (preflight, {}):
        answer = page(screen).request(method, screen.url + "desk", headers=headers, timeout=WAIT_S)
        assert answer.status_code in (403, 405)
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    assert gate.taken == []


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json"])
def test_what_a_form_could_send_is_refused(screen: WebScreen, gate: Gate, kind: str) -> None:
    answer = ask(page(screen), screen, BADGE, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (415, "no_json")
    assert gate.taken == []


@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_of_more_than_two_kibibytes_is_refused(screen: WebScreen, gate: Gate, chunked: bool) -> None:
    whole = json.dumps(BADGE).ljust(2048).encode()
    # However much too long it is, the refusal arrives: the connection is not reset upon it.
    for size, status in ((2048, 200), (2049, 413), (50_000, 413)):
        sent = whole.ljust(size)
        answer = ask(page(screen), screen, None, data=iter([sent]) if chunked else sent)
        assert answer.status_code == status
    assert answer.json()["code"] == "too_large"
    assert len(gate.taken) == 1


@pytest.mark.parametrize("length", ["9" * 400, "-1", "x"])
def test_a_length_that_is_none_is_refused(screen: WebScreen, gate: Gate, length: str) -> None:
    with raw(screen.url) as connection:
        connection.sendall(head(screen, f"Content-Length: {length}") + b"{}")
        assert hear_all(connection).split(b"\r\n")[0].split()[1][:1] == b"4"
    assert gate.taken == []


def head(screen: WebScreen, *more: str) -> bytes:
    host = urlsplit(screen.url).netloc
    lines = ["POST /desk HTTP/1.1", f"Host: {host}", f"Origin: http://{host}", "Content-Type: application/json", *more]
    return "".join(line + "\r\n" for line in (*lines, "")).encode()


def test_a_body_that_does_not_arrive_is_hung_up_on(
    screen: WebScreen, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "REQUEST_WITHIN_S", 0.05)
    with raw(screen.url) as slow:
        slow.sendall(head(screen, "Content-Length: 40") + b'{"do": ')
        heard = hear_all(slow)
    assert heard.startswith(b"HTTP/1.1 408")
    assert b"too_slow" in heard
    with raw(screen.url) as gone:
        gone.sendall(head(screen, "Content-Length: 40") + b'{"do": ')
    assert ask(page(screen), screen, BADGE).ok
    assert len(gate.taken) == 1


@pytest.mark.parametrize("sent", ["{}", "null", '{"do": "open"}', '{"do": "sign_out", "do": "sign_out"}'])
def test_what_is_not_understood_never_reaches_the_gate(screen: WebScreen, gate: Gate, sent: str) -> None:
    answer = ask(page(screen), screen, None, data=sent)
    assert (answer.status_code, answer.json()["code"]) == (400, "not_understood")
    assert gate.taken == []


def test_a_gate_that_does_not_answer_is_told_and_does_nothing_later(
    screen: WebScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "ANSWER_WITHIN_S", 0.05)
    answer = ask(page(screen), screen, BADGE)
    assert (answer.status_code, answer.json()["code"]) == (504, "unanswered")
    assert "再重试" in ANSWERS["unanswered"].zh
    assert screen.requests() == ()


def test_the_first_answer_counts_and_a_late_one_is_ignored(screen: WebScreen, gate: Gate) -> None:
    def twice(request: Request) -> Answer:
        request.answer(Answer(False, "not_written"))
        return Answer(True, "badge_taken")

    gate.answer = twice
    assert ask(page(screen), screen, BADGE).json()["code"] == "not_written"
    late = gate.taken[-1]
    late.answer(Answer(True, "badge_taken"))
    gate.answer = lambda request: Answer(True, "badge_taken")
    assert ask(page(screen), screen, BADGE).json()["code"] == "badge_taken"
    screen.close()
    late.answer(Answer(True, "badge_taken"))


@contextmanager
def waiting(screen: WebScreen, many: int) -> Iterator[list[Request]]:
    """So many requests that the gate has taken and not answered."""
    answers: list[requests.Response] = []
    threads = [threading.Thread(target=lambda: answers.append(ask(page(screen), screen, BADGE))) for _ in range(many)]
    for thread in threads:
        thread.start()
    pause, taken = threading.Event(), list[Request]()
    while len(taken) < many:
        taken += screen.requests()
        pause.wait(0.002)
    yield taken
    for thread in threads:
        thread.join()
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} <= {
        (200, "badge_taken"),
        (504, "unanswered"),
    }


def test_too_many_at_once_are_told_so_and_room_is_made_again(screen: WebScreen) -> None:
    with waiting(screen, desk.MOST_REQUESTS) as taken:
        answer = ask(page(screen), screen, BADGE)
        assert (answer.status_code, answer.json()["code"]) == (429, "too_busy")
        for request in taken:
            request.answer(Answer(True, "badge_taken"))
    with waiting(screen, 1) as taken:
        taken[0].answer(Answer(True, "badge_taken"))


def test_closing_keeps_nobody_waiting(screen: WebScreen) -> None:
    with waiting(screen, 2):
        screen.close()
    assert screen.requests() == ()


def test_no_secret_is_written_to_a_log(screen: WebScreen, gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    session = signed_in(gate)
    ask(session, screen, BADGE)
    ask(session, screen, None, data=b'{"do": "sign_in", "pin": "482915"')
    gate.answer = lambda request: Answer(False, "wrong_pin")
    ask(session, screen, SIGN_IN)
    # What an HTTP client in this very process logs of itself is not the gate's.
    said = "\n".join(r.getMessage() for r in caplog.records if not r.name.startswith("urllib3"))
    assert "482915" not in said
    assert SECRET not in said


def test_names_of_sessions_are_not_kept_for_ever(screen: WebScreen, gate: Gate) -> None:
    numbers = count()
    gate.answer = lambda request: Answer(True, "signed_in", f"secret{len(gate.taken)}", f"guard{next(numbers)}")
    pages = [page(screen) for _ in range(desk.MOST_SESSIONS + 1)]
    for one in pages:
        ask(one, screen, SIGN_IN)
    told = [one.get(screen.url + "desk", timeout=WAIT_S).json()["guard"] for one in pages]
    assert told == [None, *(f"guard{n}" for n in range(1, desk.MOST_SESSIONS + 1))]


def test_a_session_replayed_after_its_end_does_nothing(screen: WebScreen) -> None:
    screen.close()
    real = WebScreen(port=0)
    working = DeskGate(real, (LI,))
    try:
        session = page(real)
        assert ask(session, real, {"do": "sign_in", "guard_id": "zhao", "pin": PIN}).json()["ok"]
        kept = dict(session.cookies)
        assert ask(session, real, BADGE).json()["code"] == "badge_taken"
        assert ask(session, real, {"do": "sign_out"}).json()["code"] == "signed_out"
        thief = page(real)
        thief.cookies.update(kept)
        assert ask(thief, real, BADGE).json() == {"ok": False, "code": "sign_in_first", "guard": None, "left_s": None}
        forged = page(real)
        forged.cookies.update(dict.fromkeys(kept, "x" * 43))
        assert ask(forged, real, BADGE).json()["code"] == "sign_in_first"
        assert len(working.typed) <= 1
    finally:
        working.close()
        real.close()
