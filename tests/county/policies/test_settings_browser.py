"""The settings' page in a real headless Chromium: it fits desk and phone; what an officer sends is there."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.county.rosters.helpers import SCHOOL
from tests.county.server import CountyProcess
from tests.county.test_browser import CHROMIUM, QUIET, WIDTHS, fits

pytestmark = [
    pytest.mark.browser,
    pytest.mark.system,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed (Debian package: chromium)"),
]


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CountyProcess]:
    """A county with one gate and an officer."""
    county = CountyProcess(tmp_path_factory.mktemp("settings"))
    county.start()
    county.token_of("G1")
    county.command("add-account", "王医生", "--role", "officer", "--generate")
    yield county
    county.kill()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield browser
        browser.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_an_officer_sends_an_alarm_and_a_rule(county: CountyProcess, chromium: Browser, width: str) -> None:
    wide, high = WIDTHS[width]
    context = chromium.new_context(base_url=county.base_url, viewport={"width": wide, "height": high})
    page: Page = context.new_page()
    page.goto(county.command("sign-in-link", "王医生"))
    page.get_by_role("link", name="设置").click()
    page.get_by_role("link", name=SCHOOL).click()
    assert fits(page)
    page.locator('[name="policy.fever_forehead_c"]').fill("36.2")
    page.locator('[name="entry.rules.too_late"]').select_option("off")
    page.get_by_role("button", name="下发").click()
    assert page.locator('[name="policy.fever_forehead_c"]').input_value() == "36.2"
    assert "尚未生效" in page.locator("main").inner_text()
    assert fits(page)
    assert "policy.fever_forehead_c = 36.2 °C" in county.command("gate-settings", SCHOOL)
    page.locator('[name="policy.fever_forehead_c"]').fill("97")
    page.get_by_role("button", name="下发").click()
    assert "34 … 40 °C" in page.get_by_role("alert").inner_text()
    context.close()
