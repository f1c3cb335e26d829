"""The reports in a real headless Chromium: a school confirms on a phone, the county looks on, everything fits."""

from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.county.reports.helpers import SCHOOL
from tests.county.server import CountyProcess
from tests.county.test_browser import CHROMIUM, QUIET, WIDTHS, fits

pytestmark = [
    pytest.mark.browser,
    pytest.mark.system,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed (Debian package: chromium)"),
]
SCHOOLS = {"desk": SCHOOL, "phone": "城关中心小学"}
TABLE = "编号,姓名,角色,班级,卡号\nS1,李小明,学生,三年级一班,A1\nS2,王芳,学生,三年级一班,A2\n"


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CountyProcess]:
    """A county with two schools, each with a roster and without a gate."""
    folder = tmp_path_factory.mktemp("reports")
    (folder / "list.csv").write_text(TABLE, encoding="utf-8")
    county = CountyProcess(folder)
    for school in SCHOOLS.values():
        county.command("import-roster", school, str(folder / "list.csv"))
    county.command("add-account", "王医生", "--role", "officer", "--generate")
    county.start()
    yield county
    county.kill()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield browser
        browser.close()


@pytest.mark.parametrize("screen", WIDTHS)
def test_a_zero_report_is_confirmed_and_its_receipts_shown(
    county: CountyProcess, chromium: Browser, screen: str
) -> None:
    width, height = WIDTHS[screen]
    context = chromium.new_context(base_url=county.base_url, viewport={"width": width, "height": height})
    page: Page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(county.command("sign-in-link", "王医生"))
    day = timezone.localdate().isoformat()

    page.goto(f"/reports?day={day}")
    assert fits(page)
    page.get_by_role("link", name=SCHOOLS[screen]).click()
    expect(page.locator(".note").first).to_contain_text("本校没有登记闸机")
    assert fits(page)
    page.get_by_label("确认人姓名").fill("张校长")
    page.get_by_role("button", name="确认零报告").click()

    expect(page.locator(".receipt li")).to_have_count(2)
    expect(page.locator(".receipt code").first).to_have_text(f"{page.locator('.print code').inner_text()}")
    assert fits(page)
    page.get_by_label("更正原因").fill("名单更新")
    page.get_by_label("确认人姓名").fill("李主任")
    page.get_by_role("button", name="第 2 版").click()
    expect(page.locator(".receipt")).to_have_count(2)
    for address in (f"/reports/history?school={SCHOOLS[screen]}", f"/reports/line/bureau?day={day}"):
        page.goto(address)
        expect(page.locator("tr.report-on_time, tr.report-late").first).to_be_visible()
        assert fits(page)
    context.close()
    assert complaints == []


def test_each_value_carries_its_columns_name(county: CountyProcess, chromium: Browser) -> None:
    page = chromium.new_page(base_url=county.base_url)
    page.goto(county.command("sign-in-link", "王医生"))
    page.goto("/reports")
    heads = [text.split("\n")[0].split()[0] for text in page.locator("th").all_text_contents()]
    cells = [cell.get_attribute("data-zh") for cell in page.locator("tbody tr").first.locator("td").all()]
    assert cells[1:] == heads[1:]
    expect(page.locator(".due")).to_contain_text("截止")
    page.close()
