"""One headless Chromium (Debian's package) for all tests that look at pages."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.browser.readable import THEMES, wear

# A machine that has other things to do is no fault of the page.
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# Where the tests leave what they saw, to be looked at; FOREGATE_SCREENSHOTS names another folder.
PICTURES = Path(os.environ.get("FOREGATE_SCREENSHOTS", Path(__file__).parents[2] / "build" / "screenshots"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


# Closed with this folder: two of Playwright's synchronous drivers cannot live in one thread.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed: sudo apt install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


class Visit:
    """A page, what its console complained about, and which hosts it called."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._asked)
        page.on("websocket", lambda socket: self.hosts.add(urlsplit(socket.url).netloc))

    def open_still(self, url: str) -> None:
        """Open a page in which no time passes, so that a slow machine sees what a quick one sees."""
        self.page.clock.install(time=0)
        self.page.clock.pause_at(1000)
        self.page.goto(url)

    def keep(self, name: str) -> None:
        """A screenshot in each of the two sets of colours."""
        chosen = self.page.evaluate("document.documentElement.dataset.theme")
        for theme in THEMES:
            wear(self.page, theme)
            self.page.screenshot(path=PICTURES / f"{name.replace(' ', '-')}-{theme}.png")
        wear(self.page, chosen)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        self.hosts.add(urlsplit(request.url).netloc)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """A fresh page of 1280 x 800 with nothing kept from other tests."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    yield Visit(context.new_page())
    context.close()
