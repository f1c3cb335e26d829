"""The fleet's pages in a real headless Chromium: they fit desk and phone, and no colour is the only sign."""

from collections.abc import Iterator
from dataclasses import replace
from time import time

import pytest
import requests
from playwright.sync_api import Browser, Page, sync_playwright

from edge.core.health import Health
from edge.core.wire import to_plain
from tests.county.core.test_needs import WELL
from tests.county.server import PATIENCE_S, CountyProcess
from tests.county.test_browser import CHROMIUM, QUIET, WIDTHS, fits

pytestmark = [
    pytest.mark.browser,
    pytest.mark.system,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed (Debian package: chromium)"),
]


def tell(county: CountyProcess, gate_id: str, health: Health) -> None:
    headers = {"Authorization": f"Bearer {county.token_of(gate_id)}"}
    told = {"head": None, "health": to_plain(health)}
    answer = requests.post(f"{county.base_url}/api/v1/status", json=told, headers=headers, timeout=PATIENCE_S)
    assert answer.status_code == 200, answer.text


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CountyProcess]:
    """A county with a gate that is well and one without a camera."""
    county = CountyProcess(tmp_path_factory.mktemp("fleet"))
    county.start()
    now_ms = int(time() * 1000)
    well = replace(WELL, utc_ms=now_ms, calibration_expires_utc_ms=now_ms + 90 * 86_400_000)
    tell(county, "G1", well)
    tell(county, "G2", replace(well, camera="no_camera", readings=0, median_forehead_c=None))
    county.command("add-account", "王医生", "--role", "officer", "--generate")
    yield county
    county.kill()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(params=WIDTHS)
def page(request: pytest.FixtureRequest, county: CountyProcess, chromium: Browser) -> Iterator[Page]:
    """An officer's page of either width; afterwards the browser may have complained of nothing."""
    width, height = WIDTHS[request.param]
    context = chromium.new_context(base_url=county.base_url, viewport={"width": width, "height": height})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(county.command("sign-in-link", "王医生"))
    yield page
    context.close()
    assert complaints == []


def test_where_to_go_first_and_what_is_wrong_there_in_words(page: Page) -> None:
    page.get_by_role("link", name="设备").click()
    page.wait_for_url("/fleet")

    assert fits(page)
    assert page.locator(".places [aria-current]").inner_text().startswith("设备")
    first = page.locator(".needs li").first.inner_text()
    assert "G2" in first
    assert "没有相机画面" in first
    assert page.locator(".fleet .hot").first.inner_text().startswith("✗")

    page.locator(".needs a").first.click()
    page.wait_for_url("/fleet/gates/G2")
    assert fits(page)
    assert "没有相机画面" in page.locator("table").last.inner_text()


def test_a_stage_is_entered_and_stands_beside_the_school(page: Page) -> None:
    page.goto("/fleet")
    page.get_by_role("link", name="更改阶段").click()
    page.get_by_label("县城学校").check()
    page.get_by_label("已安装 Installed").check()
    page.locator("[name=planned_on]").fill("2025-02-01")
    page.locator("[name=installed_on]").fill("2025-02-20")
    assert fits(page)
    page.get_by_role("button", name="保存").click()

    page.wait_for_url("/fleet")
    assert page.locator(".school .pill").first.inner_text().startswith("已安装")
    # So that the other width finds the gates at work.
    page.get_by_role("link", name="更改阶段").click()
    for name in ("commissioned_on", "in_service_on"):
        page.locator(f"[name={name}]").fill("2025-03-01")
    page.get_by_label("已启用 In service").check()
    page.get_by_role("button", name="保存").click()
    page.wait_for_url("/fleet")
