"""A school's list from the chosen file to the roster, in a real headless Chromium, on a desk and on a telephone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect, sync_playwright

from tests.county.rosters.helpers import SCHOOL
from tests.county.server import CountyProcess

CHROMIUM = Path("/usr/bin/chromium")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
WIDTHS = {"desk": (1280, 800), "phone": (390, 844)}
HEAD = ["编号", "姓名", "角色", "班级", "卡号", "返校批准"]
GOOD = ["S1", "李小明", "学生", "三年级一班", "0008571234", "是"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.system,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed (Debian package: chromium)"),
]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Page]]:
    """A page of either width in which a school of its own is signed in; scripts are off."""
    county = CountyProcess(tmp_path_factory.mktemp("browser"))
    county.start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
            found = {}
            for name, (width, height) in WIDTHS.items():
                county.command("add-account", name, "--role", "school", "--school", SCHOOL + name, "--generate")
                size = {"width": width, "height": height}
                context = browser.new_context(base_url=county.base_url, viewport=size, java_script_enabled=False)  # type: ignore[arg-type]
                found[name] = context.new_page()
                found[name].goto(county.command("sign-in-link", name))
            yield found
            browser.close()
    finally:
        county.kill()


def workbook(path: Path, *rows: list[str]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (HEAD, *rows):
        sheet.append(row)
    book.save(path)
    return path


def choose(page: Page, path: Path) -> None:
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="上传并预览").click()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_wrong_list_is_told_by_row_and_a_right_one_is_previewed_and_taken(
    pages: dict[str, Page], tmp_path: Path, width: str
) -> None:
    page = pages[width]
    page.goto("/rosters")
    page.get_by_role("link", name="导入名单").first.click()

    choose(page, workbook(tmp_path / "bad.xlsx", GOOD, ["S 2", "=1+1", "校长", "", "1E+9", "也许"]))
    expect(page.get_by_role("alert")).to_contain_text("第 3 行：第 2 列是公式")
    expect(page.get_by_role("alert")).to_contain_text("row 3: column 2 is a formula")

    choose(page, workbook(tmp_path / "good.xlsx", GOOD))
    expect(page.locator(".tiles .pass dd")).to_have_text("1")
    page.get_by_role("button", name="确认导入").click()

    expect(page.get_by_role("status")).to_contain_text("已导入")
    page.get_by_label("李小明").check()
    page.get_by_role("button", name="撤回批准").click()
    expect(page.get_by_role("status")).to_contain_text("已修改 1 项")
    page.get_by_role("link", name="李小明").click()
    expect(page.locator("tbody tr").first).to_contain_text("返校批准")
    expect(page.locator("tbody tr").first).to_contain_text(width)
