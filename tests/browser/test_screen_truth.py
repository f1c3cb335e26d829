"""Nothing old is ever shown as live. Page and gate run on clocks that the test moves: no second is waited for."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from edge.adapters.web_screen import WebScreen, viewers
from edge.core.screen import VerdictView
from edge.core.texts import STATUSES
from tests.browser.conftest import Visit
from tests.fakes.screens import FACE, FEVER, PASS, even_picture, screen_state


class Gate:
    """A gate with its screen and a page that watches it; `advance` moves both clocks, nothing else does."""

    def __init__(self, visit: Visit) -> None:
        self.now_s = 1000.0
        self.shown = 0
        self.visit = visit
        self.page: Page = visit.page
        self.screen = WebScreen(port=0, hold_s=3.0, now_s=lambda: self.now_s)

    def open(self) -> None:
        self.visit.open_still(self.screen.url)
        expect(self.page.locator("body")).to_have_attribute("data-link", "open")

    def show(self, frame_seq: int, picture: Any = None, **changes: Any) -> None:
        """Publish, and wait until the page has it: the number of passed people counts the messages."""
        self.shown += 1
        self.screen.publish(screen_state(frame_seq, passed=self.shown, **changes), picture)
        expect(self.page.locator("#passed")).to_have_text(str(self.shown))

    def advance(self, seconds: float) -> None:
        # The page first: a heartbeat that comes in between would else tell it that the gate is ahead.
        self.page.clock.run_for(round(seconds * 1000))
        self.now_s += seconds


@pytest.fixture
def gate(visit: Visit) -> Iterator[Gate]:
    opened = Gate(visit)
    yield opened
    opened.screen.close()


def test_a_frozen_picture_is_greyed_and_says_since_when(gate: Gate) -> None:
    gate.open()
    page = gate.page
    gate.show(1, even_picture(30), faces=(FACE,))
    picture = page.locator("#picture")
    expect(picture).to_have_attribute("data-picture", "live")
    gate.advance(0.4)
    expect(picture).to_have_attribute("data-picture", "live")
    expect(page.locator("#boxes rect")).to_have_count(4)
    gate.advance(0.3)
    expect(picture).to_have_attribute("data-picture", "old")
    assert page.locator("#thermal").evaluate("e => getComputedStyle(e).filter") == "grayscale(1)"
    # What was read then is no reading of now.
    expect(page.locator("#boxes rect")).to_have_count(0)
    expect(page.locator("#labels span")).to_have_count(0)
    expect(page.locator("#camera")).not_to_have_attribute("data-level", "good")
    expect(page.locator("#veil strong")).to_have_text(re.compile(r"^\d\d:\d\d:\d\d 起无画面$"))
    gate.advance(2)
    gate.show(1, even_picture(30), faces=(FACE,))
    expect(page.locator("#veil span")).to_have_text("已 2 秒")
    expect(page.locator("#verdict")).to_have_attribute("data-kind", "frozen")
    gate.show(2, even_picture(30), faces=(FACE,))
    expect(picture).to_have_attribute("data-picture", "live")
    expect(page.locator("#veil")).to_be_hidden()


def test_a_frame_that_is_sent_again_is_no_new_frame(gate: Gate) -> None:
    gate.open()
    for _ in range(4):
        gate.show(1, even_picture(30))
        gate.advance(0.2)
    expect(gate.page.locator("#picture")).to_have_attribute("data-picture", "old")
    expect(gate.page.locator("#camera")).to_have_attribute("data-level", "bad")


def test_a_page_opened_late_knows_that_the_last_frame_is_old(gate: Gate) -> None:
    gate.screen.publish(screen_state(1, passed=5, last=PASS), even_picture(30))
    gate.now_s += 40
    gate.open()
    expect(gate.page.locator("#passed")).to_have_text("5")
    expect(gate.page.locator("#picture")).to_have_attribute("data-picture", "old")
    expect(gate.page.locator("#veil span")).to_have_text("已 40 秒")
    expect(gate.page.locator("#verdict")).to_have_attribute("data-kind", "frozen")


def test_a_frame_that_was_long_on_its_way_is_as_old_as_it_is(gate: Gate) -> None:
    gate.open()
    gate.show(1, even_picture(30))
    expect(gate.page.locator("#picture")).to_have_attribute("data-picture", "live")
    # The page's clock goes on while the gate's stands for the moment at which the frame was published.
    gate.page.clock.run_for(800)
    gate.show(2, even_picture(30))
    expect(gate.page.locator("#picture")).to_have_attribute("data-picture", "old")


@pytest.mark.parametrize("status", ["stale", "invalid", "no_camera"])
def test_a_blind_camera_is_said_and_its_last_picture_greyed(gate: Gate, status: str) -> None:
    gate.open()
    gate.show(1, even_picture(30))
    gate.show(2, even_picture(20), status=status)
    expect(gate.page.locator("#mark")).to_have_text(STATUSES[status].zh)
    gate.advance(0.6)
    gate.show(3, even_picture(20), status=status)
    expect(gate.page.locator("#picture")).to_have_attribute("data-picture", "old")
    expect(gate.page.locator("#camera .value")).to_have_text(STATUSES[status].zh)
    expect(gate.page.locator("#reference")).to_have_attribute("data-level", "unknown")
    expect(gate.page.locator("#verdict")).to_have_attribute("data-kind", "frozen")


def test_one_frame_that_is_missing_takes_nothing_off_the_screen(gate: Gate) -> None:
    gate.open()
    gate.show(1, even_picture(30), faces=(FACE,))
    gate.advance(0.1)
    gate.show(-1, None, status="stale", reference_c=None)
    expect(gate.page.locator("#picture")).to_have_attribute("data-picture", "live")
    expect(gate.page.locator("#boxes rect")).to_have_count(4)
    expect(gate.page.locator("#verdict")).to_have_attribute("data-kind", "measuring")
    expect(gate.page.locator("#mark")).to_have_text(STATUSES["stale"].zh)


@pytest.mark.parametrize("status", ["shutter", "settling"])
def test_a_shutter_is_marked_and_asks_for_patience(gate: Gate, status: str) -> None:
    gate.open()
    gate.show(1, even_picture(30), status=status)
    expect(gate.page.locator("#mark")).to_have_text(STATUSES[status].zh)
    expect(gate.page.locator("#camera")).to_have_attribute("data-level", "wait")
    expect(gate.page.locator("#verdict")).to_have_attribute("data-kind", "wait")


def test_a_camera_without_temperatures_leaves_no_picture_behind(gate: Gate) -> None:
    gate.open()
    gate.show(1, even_picture(30))
    gate.show(2, None)
    expect(gate.page.locator("#thermal")).to_be_hidden()
    expect(gate.page.locator("#veil strong")).to_have_text("此相机不给出温度，无法显示画面")


def test_a_verdict_gives_way_to_the_next_person(gate: Gate) -> None:
    gate.open()
    panel = gate.page.locator("#verdict")
    gate.show(1, even_picture(30), last=PASS)
    expect(panel).to_have_attribute("data-kind", "pass")
    gate.advance(2.4)
    gate.show(2, even_picture(30), last=VerdictView("pass", ("ok",), 36.42, 2.8))
    expect(panel).to_have_attribute("data-kind", "pass")
    expect(gate.page.locator("#verdict .age")).to_have_text("2 秒前")
    gate.advance(0.3)
    expect(panel).to_have_attribute("data-kind", "ready")
    expect(panel.locator(".todo")).to_have_text("请站到相机前")
    gate.show(3, even_picture(30), last=None, faces=(FACE,))
    expect(panel).to_have_attribute("data-kind", "measuring")


def test_each_verdict_is_announced_once(gate: Gate) -> None:
    gate.open()
    gate.show(1, even_picture(30), last=PASS)
    expect(gate.page.locator("#say")).to_have_text("通过 · 36.4 °C · 额温低于报警值")
    gate.page.evaluate(
        """() => { window.told = 0; new MutationObserver(() => { window.told += 1; })
                   .observe(document.querySelector("#say"), {childList: true, characterData: true, subtree: true}); }"""
    )
    gate.advance(1)
    gate.show(2, even_picture(30), last=VerdictView("pass", ("ok",), 36.42, 1.4))
    assert gate.page.evaluate("window.told") == 0
    gate.show(3, even_picture(30), last=PASS)
    assert gate.page.evaluate("window.told") == 1


def test_a_gate_that_falls_silent_is_as_good_as_lost(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewers, "HEARTBEAT_S", 600.0)
    gate.open()
    gate.show(1, even_picture(30), last=FEVER)
    gate.advance(2.5)
    expect(gate.page.locator("body")).to_have_attribute("data-link", "open")
    # Past three seconds, and before the first attempt to connect again.
    gate.advance(0.65)
    expect(gate.page.locator("body")).to_have_attribute("data-link", "lost")


def test_a_lost_gate_is_said_and_found_again(gate: Gate) -> None:
    gate.open()
    gate.show(1, even_picture(30), faces=(FACE,), last=FEVER)
    gate.screen.close()
    page = gate.page
    panel = page.locator("#verdict")
    expect(panel).to_have_attribute("data-kind", "lost")
    expect(panel.locator(".word")).to_have_text("闸机无应答")
    expect(page.locator("#picture")).to_have_attribute("data-picture", "old")
    expect(page.locator("#boxes rect")).to_have_count(0)
    for light in ("#camera", "#reference"):
        expect(page.locator(light)).to_have_attribute("data-level", "unknown")
    gate.screen = WebScreen(port=urlsplit(gate.screen.url).port or 0, now_s=lambda: gate.now_s)
    gate.page.clock.resume()
    expect(page.locator("body")).to_have_attribute("data-link", "open", timeout=20_000)
    gate.show(1, even_picture(30))
    expect(panel).not_to_have_attribute("data-kind", "lost")


def test_a_viewer_too_many_is_told_what_to_do(visit: Visit) -> None:
    screen = WebScreen(port=0, most_viewers=0)
    visit.page.goto(screen.url)
    expect(visit.page.locator("#verdict .word")).to_have_text("屏幕过多")
    expect(visit.page.locator("#verdict .todo")).to_contain_text("关掉")
    screen.close()
