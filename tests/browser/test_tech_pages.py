"""Every page of the technician's, in both languages and at every size: nothing cut off, and axe finds nothing."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.readable import SIZES
from tests.browser.tech_gate import PAGES, WAIT_MS, TechGate, goes_to, opens

# What is wider than its place, in parts that do not scroll.
CUT_OFF = """() => {
  const found = [];
  const {scrollWidth} = document.documentElement;
  if (scrollWidth > innerWidth) found.push(`the page is ${scrollWidth} wide`);
  const texts = "button, label, h1, h2, h3, dt, dd, p, li, th, td, legend, .key, a";
  for (const element of document.querySelectorAll(texts)) {
    if (element.closest(".unseen, nav, pre, .wide") || element.clientWidth === 0) continue;
    if (element.scrollWidth > element.clientWidth + 1) found.push(element.textContent);
    const {left, right} = element.getBoundingClientRect();
    if (left < -1 || right > innerWidth + 1) found.push(`outside: ${element.textContent}`);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TechGate]:
    running = TechGate(tmp_path_factory.mktemp("tech"))
    yield running
    running.close()


def is_filled(page: Page, name: str) -> None:
    """What the page is for has arrived."""
    if name == "picture":
        expect(page.locator("[data-fact=corrected] dd")).to_contain_text("°C", timeout=WAIT_MS)
        box = page.locator("#picture canvas.thermal").bounding_box()
        assert box is not None
        assert box["height"] / box["width"] == pytest.approx(160 / 120, rel=0.02)
        assert box["width"] > 180
    elif name == "charts":
        expect(page.locator("#chart_list .card")).to_have_count(5, timeout=WAIT_MS)
    elif name == "settings":
        expect(page.locator("#settings [name='policy.fever_forehead_c']")).to_have_value("36.2", timeout=WAIT_MS)
    elif name == "check":
        page.click("#doctor_run")
        expect(page.locator("#doctor li").first).to_be_visible(timeout=WAIT_MS)
        expect(page.locator("#log")).to_contain_text("screen", timeout=WAIT_MS)


def looked_at(page: Page, at: str) -> dict[str, object]:
    """What is wrong with the page as it is now, dark and light."""
    wrong: dict[str, object] = {}
    if cut := page.evaluate(CUT_OFF):
        wrong[f"{at}: cut off"] = cut
    for theme in ("dark", "light"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        found = Axe().run(page).response["violations"]
        if found:
            wrong[f"{at}, {theme}"] = [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found]
    return wrong


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_can_be_read_and_used(visit: Visit, gate: TechGate, size: str, language: str) -> None:
    page = visit.page
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{gate.url}tech.html")
    page.click(f"[data-language={language}]")
    expect(page.locator("#sign_in")).to_be_visible()
    visit.keep(f"tech-{size}-{language}-sign-in")
    wrong = looked_at(page, "sign-in")
    opens(page, gate.url)
    for name in PAGES:
        goes_to(page, name)
        is_filled(page, name)
        visit.keep(f"tech-{size}-{language}-{name}")
        wrong |= looked_at(page, name)
    page.click("#sign_out")
    expect(page.locator("#sign_in")).to_be_visible()
    assert wrong == {}
    assert visit.hosts == {page.url.split("/")[2]}
    assert [one for one in visit.complaints if "401" not in one] == []
