"""The guard's page on a tablet, in a real browser over TLS: nothing before the sign-in, nothing left after it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from edge.adapters.web_screen import Tablet, WebScreen
from tests.browser.conftest import Visit
from tests.browser.readable import SIZES, axe_finds, faults_of_reading, untranslated
from tests.fakes.authority import Authority
from tests.fakes.desk_gate import PIN, DeskGate
from tests.fakes.passages import refused
from tests.fakes.rosters import LI


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[DeskGate]:
    issued = Authority("the gate's own").issue(tmp_path / "gate.pem", "127.0.0.1")
    screen = WebScreen(port=0, hold_s=600.0, tablet=Tablet("127.0.0.1", 0, issued, issued))
    opened = DeskGate(screen, (LI,))
    yield opened
    opened.close()
    screen.close()


@pytest.fixture
def tablet(browser: Browser, gate: DeskGate) -> Iterator[Visit]:
    # The certificate's own test is with the command that makes it; here a person has agreed to it.
    context = browser.new_context(viewport={"width": 1280, "height": 800}, ignore_https_errors=True)
    visit = Visit(context.new_page())
    visit.page.goto(f"https://127.0.0.1:{gate.screen.tablet_port}/")
    yield visit
    context.close()


def signs_in(page: Page) -> None:
    page.fill("[name=guard_id]", "zhao")
    page.fill("[name=pin]", PIN)
    page.keyboard.press("Enter")
    expect(page.locator("#picture")).to_have_attribute("data-picture", "live")


def test_a_tablet_asks_for_the_sign_in_shows_the_gate_and_forgets_it(tablet: Visit, gate: DeskGate) -> None:
    page = tablet.page
    gate.judge(refused(1, "too_early"))
    expect(page.locator("form[data-form=sign_in]")).to_be_visible()
    expect(page.locator("#verdict")).to_have_attribute("data-kind", "sign_in")
    assert "东门" not in page.locator("body").inner_text()
    signs_in(page)
    expect(page.locator("#gate")).to_have_text("东门 1 号")
    expect(page.locator("#verdict")).to_have_attribute("data-kind", "refused")
    (cookie,) = page.context.cookies()
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Strict")
    page.click("#do-sign_out")
    expect(page.locator("#verdict")).to_have_attribute("data-kind", "sign_in")
    expect(page.locator("#gate")).to_have_text("额温闸机")
    assert "东门" not in page.content()
    assert page.context.cookies() == []
    assert tablet.hosts == {f"127.0.0.1:{gate.screen.tablet_port}"}


def test_an_act_is_done_from_a_tablet_too(tablet: Visit, gate: DeskGate) -> None:
    signs_in(tablet.page)
    tablet.page.click("#do-type_badge")
    tablet.page.fill("[name=badge]", "b1")
    tablet.page.locator("form:visible .main").click()
    expect(tablet.page.locator("#answer")).to_have_text("卡号已录入")
    gate.do(lambda: None)
    assert [(scan.badge, scan.means) for scan in gate.typed] == [("B1", "typed")]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", SIZES)
def test_its_sign_in_can_be_read(tablet: Visit, size: str, language: str) -> None:
    width, height = SIZES[size]
    page = tablet.page
    page.set_viewport_size({"width": width, "height": height})
    page.click(f"[data-language={language}]")
    expect(page.locator("#verdict")).to_have_attribute("data-kind", "sign_in")
    tablet.keep(f"tablet-{size}-{language}-sign-in")
    assert faults_of_reading(page) + untranslated(page, language) + axe_finds(page) == []
