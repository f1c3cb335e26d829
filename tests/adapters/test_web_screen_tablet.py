"""The guard's page on a tablet: over TLS alone, nothing of the gate before a sign-in, nothing after it has ended."""

import json
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from edge.adapters.web_screen import Tablet, WebScreen, tablet
from edge.core.errors import ScreenError
from tests.adapters.web_clients import WAIT_S, next_frame
from tests.fakes.authority import Authority
from tests.fakes.desk_gate import PIN, DeskGate
from tests.fakes.rosters import LI


class Site:
    """A gate with a tablet's door, and the authority that tablets trust."""

    def __init__(self, folder: Path) -> None:
        authority = Authority("the gate's own")
        self.trusted = authority.write(folder / "trusted.pem")
        issued = authority.issue(folder / "gate.pem", "127.0.0.1")
        self.screen = WebScreen(port=0, tablet=Tablet("127.0.0.1", 0, issued, issued))
        self.gate = DeskGate(self.screen, (LI,))
        self.url = f"https://127.0.0.1:{self.screen.tablet_port}"

    def page(self) -> requests.Session:
        """The page on a tablet that keeps cookies."""
        session = requests.Session()
        session.headers["Origin"] = self.url
        # Whatever the machine trusts otherwise.
        session.trust_env, session.verify = False, str(self.trusted)
        return session

    def ask(self, page: requests.Session, **asked: object) -> requests.Response:
        return page.post(f"{self.url}/desk", json=asked, timeout=WAIT_S)

    def live(self, page: requests.Session, origin: str | None = None) -> ClientConnection:
        cookies = "; ".join(f"{one.name}={one.value}" for one in page.cookies)
        return connect(
            self.url.replace("https", "wss") + "/live",
            origin=Origin(origin or self.url),
            additional_headers={"Cookie": cookies} if cookies else None,
            ssl=ssl.create_default_context(cafile=str(self.trusted)),
            compression=None,
            max_size=None,
        )


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    found = Site(tmp_path)
    yield found
    found.gate.close()
    found.screen.close()


def close_code(connection: ClientConnection) -> int:
    """With which code the feed ends, whatever was sent before."""
    with suppress(ConnectionClosed):
        for _ in connection:
            pass
    assert connection.close_code is not None
    return connection.close_code


def test_the_feed_is_for_who_has_signed_in(site: Site) -> None:
    page = site.page()
    assert "门卫" in page.get(site.url, timeout=WAIT_S).content.decode()
    with site.live(page) as refused:
        assert close_code(refused) == tablet.SIGN_IN_FIRST
    assert site.ask(page, do="sign_in", guard_id="zhao", pin=PIN).json()["code"] == "signed_in"
    cookie = next(iter(page.cookies))
    assert (cookie.secure, cookie.path) == (True, "/")
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "strict"
    with site.live(page) as feed:
        assert "now_s" in json.loads(feed.recv(timeout=WAIT_S))
        head, _ = next_frame(feed)
        assert head["state"]["gate_name"] == "东门 1 号"


def test_the_feed_ends_with_the_sign_in(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tablet, "ASKED_AGAIN_S", 0.1)
    page = site.page()
    site.ask(page, do="sign_in", guard_id="zhao", pin=PIN)
    with site.live(page) as feed:
        next_frame(feed)
        site.gate.guards.remove("zhao")
        assert close_code(feed) == tablet.SIGN_IN_FIRST


def test_a_session_of_before_sees_nothing_after_signing_out(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tablet, "ASKED_AGAIN_S", 0.1)
    page, thief = site.page(), site.page()
    site.ask(page, do="sign_in", guard_id="zhao", pin=PIN)
    for one in page.cookies:
        thief.cookies.set_cookie(one)
    with site.live(thief) as feed:
        next_frame(feed)
        assert site.ask(page, do="sign_out").json()["code"] == "signed_out"
        assert close_code(feed) == tablet.SIGN_IN_FIRST
    assert site.ask(thief, do="type_badge", badge="B1").json()["code"] == "sign_in_first"


def test_a_made_up_session_sees_nothing(site: Site) -> None:
    page = site.page()
    page.cookies.set(f"foregate-{site.screen.tablet_port}", "made-up")
    with site.live(page) as refused:
        assert close_code(refused) == tablet.SIGN_IN_FIRST


def test_a_badge_signs_nobody_in_on_a_tablet(site: Site) -> None:
    answer = site.ask(site.page(), do="sign_in_by_badge")
    assert (answer.status_code, answer.json()["code"]) == (403, "pin_here")


def test_who_guesses_on_a_tablet_keeps_nobody_at_the_gate_out(site: Site) -> None:
    codes = [
        site.ask(site.page(), do="sign_in", guard_id="zhao", pin=f"{guess:06}").json()["code"] for guess in range(6)
    ]
    assert codes == ["wrong_pin"] * 5 + ["too_many_tries"]
    at_the_gate = requests.post(
        site.screen.url + "desk",
        json={"do": "sign_in", "guard_id": "zhao", "pin": PIN},
        headers={"Origin": site.screen.url.rstrip("/")},
        timeout=WAIT_S,
    )
    assert at_the_gate.json()["code"] == "signed_in"


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:{port}"])
def test_another_sites_page_may_ask_for_nothing(site: Site, origin: str) -> None:
    page = site.page()
    site.ask(page, do="sign_in", guard_id="zhao", pin=PIN)
    origin = origin.format(port=site.screen.tablet_port)
    page.headers["Origin"] = origin
    assert site.ask(page, do="sign_out").status_code == 403
    with pytest.raises(Exception, match="403"), site.live(page, origin):
        pass


def test_the_technicians_pages_are_not_there(site: Site) -> None:
    page = site.page()
    assert page.post(f"{site.url}/tech/ask", json={"do": "state"}, timeout=WAIT_S).status_code == 404
    assert page.get(f"{site.url}/tech/frame", timeout=WAIT_S).status_code == 404


def test_plain_http_is_not_answered(site: Site) -> None:
    with pytest.raises(requests.ConnectionError):
        requests.get(site.url.replace("https", "http"), timeout=WAIT_S)


def test_a_certificate_that_is_none_is_refused_with_the_remedy_and_holds_no_port(tmp_path: Path) -> None:
    issued = Authority("one").issue(tmp_path / "gate.pem", "127.0.0.1")
    other = Authority("another").issue(tmp_path / "other.pem", "127.0.0.1").read_text()
    stranger = tmp_path / "stranger.pem"
    stranger.write_text(other.partition("-----BEGIN CERTIFICATE")[0])
    for certificate, key in ((tmp_path / "none.pem", issued), (issued, stranger)):
        with pytest.raises(ScreenError, match="foregate tablet"):
            WebScreen(port=0, tablet=Tablet("127.0.0.1", 0, certificate, key))
