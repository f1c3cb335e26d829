"""The county's pages in a headless Chromium: signing in, what a page says, and its picture in a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from county.core.report_words import FIGURES
from edge.core.errors import ForegateError
from tools.screenshot import CHROMIUM, FLAGS

DESK, PHONE = (1280, 860), (390, 844)
WITHIN_MS = 60_000
# Every table of a report by its Chinese title, as rows of Chinese text.
_SECTIONS = """() => Object.fromEntries([...document.querySelectorAll('section.report-table')].map(section => {
  const zh = node => { const copy = node.cloneNode(true); copy.querySelectorAll('[lang=en]').forEach(e => e.remove());
    return copy.textContent.trim(); };
  const rows = [...section.querySelectorAll('dl.figures > div, tbody tr, ul.note > li')];
  return [zh(section.querySelector('h2')), rows.map(row => row.children.length && row.tagName !== 'LI'
    ? [...row.children].map(zh) : [zh(row)])]; }))"""


class Pages:
    """Signed-in pages; wrong: what did not look or say as it should. Use `open_pages`."""

    def __init__(self, browser: Browser, base_url: str, passwords: dict[str, str], folder: Path) -> None:
        self._browser, self._base_url, self._passwords, self._folder = browser, base_url, passwords, folder
        self.wrong: list[str] = []
        self._taken = 0

    @contextmanager
    def of(self, name: str, size: tuple[int, int] = DESK) -> Iterator[Page]:
        """A page of somebody who has signed in with name and password, and signs out in the end."""
        width, height = size
        context = self._browser.new_context(
            base_url=self._base_url, viewport={"width": width, "height": height}, locale="zh-CN"
        )
        context.set_default_timeout(WITHIN_MS)
        page = context.new_page()
        page.on("console", lambda message: self.wrong.append(f"{page.url}: {message.text}"))
        page.goto("/sign-in")
        page.get_by_label("登录名").fill(name)
        page.get_by_label("密码").fill(self._passwords[name])
        page.locator("main button").click()
        page.locator("form.who, p.alert").first.wait_for()
        if page.locator("p.alert").count():
            raise ForegateError(f"{name} 不能登录", f"{name} cannot sign in: {page.locator('p.alert').inner_text()}")
        yield page
        page.get_by_role("button", name="退出").click()
        page.wait_for_url("/sign-in")
        context.close()

    def picture(self, page: Page, name: str) -> None:
        """Keep a picture of the whole page; nothing may stick out of it."""
        self._taken += 1
        if not page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"):
            self.wrong.append(f"{name} ({page.url}) is wider than its window")
        page.screenshot(path=self._folder / f"{self._taken:02d}-{name}.png", full_page=True)

    def same(self, about: str, found: Any, expected: Any) -> None:
        """Note it when a page says something else than what was played."""
        if found != expected:
            self.wrong.append(f"{about}: {found!r} instead of {expected!r}")


@contextmanager
def open_pages(base_url: str, passwords: dict[str, str], folder: Path) -> Iterator[Pages]:
    """A browser for as long as the block lasts."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield Pages(browser, base_url, passwords, folder)
        finally:
            browser.close()


def sections(page: Page) -> dict[str, list[list[str]]]:
    """The tables of a report's page."""
    found: dict[str, list[list[str]]] = page.evaluate(_SECTIONS)
    return found


def totals(page: Page) -> dict[str, int]:
    """Its figures, by their Chinese names."""
    return {name: round(float(value)) for name, value in sections(page)["合计"]}


def named(figures: dict[str, int]) -> dict[str, int]:
    """Figures by their Chinese names."""
    return {FIGURES[name].zh: value for name, value in figures.items()}


def tile(page: Page, zh: str) -> str:
    """The number of a tile that is called so."""
    return page.locator(".tiles > div", has=page.locator("dt", has_text=zh)).first.locator("dd").inner_text().strip()
