"""The pages in a real headless Chromium: they look as meant, fit a phone, and load nothing that the policy refuses."""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import requests
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.county.records import CASE_STEP, EVENT, FEVER, NOT_MEASURED, OVERRIDE, REFUSED, Writer
from tests.county.server import PATIENCE_S, CountyProcess

CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WIDTHS = {"desk": (1280, 800), "phone": (390, 844)}
pytestmark = [
    pytest.mark.browser,
    pytest.mark.system,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed (Debian package: chromium)"),
]


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CountyProcess]:
    """A county with a gate that sent four people and more, number 3 is missing, and a gate that was never seen."""
    county = CountyProcess(tmp_path_factory.mktemp("browser"))
    county.start()
    headers = {"Authorization": f"Bearer {county.token_of('G1')}", "Content-Type": "application/x-ndjson"}
    now_ms = int(timezone.now().timestamp() * 1000)
    sent = (FEVER, NOT_MEASURED, None, FEVER, REFUSED, OVERRIDE, CASE_STEP, EVENT)
    writer = Writer()
    for seq, content in enumerate(sent, start=1):
        # Of another boot: no other record tells the time of the fourth.
        boot_id = str(seq) * 32
        writer.write(utc_ms=now_ms, synchronised=seq != 4, content=content or EVENT, boot_id=boot_id)
    bodies = b"\n".join(body for seq, body in enumerate(writer.bodies, start=1) if seq != 3)
    answer = requests.post(f"{county.base_url}/api/v1/records", bodies, headers=headers, timeout=PATIENCE_S)
    assert [one["status"] for one in answer.json()["answers"]] == ["created"] * 7
    county.token_of("G2")
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
    """A page of either width; afterwards nothing may have been complained of (policy, missing files, foreign hosts)."""
    width, height = WIDTHS[request.param]
    context = chromium.new_context(base_url=county.base_url, viewport={"width": width, "height": height})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    # Not "requestfailed": going on to the next page ends what the last one was still loading.
    asked_for: set[str] = set()
    page.on("request", lambda asked: asked_for.add(asked.url))
    yield page
    context.close()
    assert complaints == []
    assert {url for url in asked_for if not url.startswith(county.base_url + "/")} == set()


def fits(page: Page) -> bool:
    page.wait_for_load_state()  # a page just turned to may have no element yet
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_a_link_opens_the_gates_and_a_gate_its_people(county: CountyProcess, page: Page) -> None:
    page.goto(county.command("sign-in-link", "王医生"))

    assert page.url == county.base_url + "/"
    assert page.locator("tr.gate-today .pill").inner_text().startswith("今日在线")
    assert page.locator("tr.gate-never .pill").inner_text().startswith("从未连接")
    assert page.locator("tr.gate-today .missing").inner_text().split() == ["1", "条", "missing"]
    assert fits(page)

    page.locator("tr.gate-today a").click()

    expect(page.locator("tbody tr")).to_have_count(4)
    assert page.locator(".facts .missing").inner_text().split() == ["1", "条", "missing", "3"]
    assert page.locator("tr.of-fever .pill").first.inner_text().startswith("体温异常")
    assert page.locator("tr.of-not_measured .reading").inner_text().strip() == "—"
    assert page.locator(".unset").count() == 1
    assert fits(page)


def test_colours_stand_beside_words(county: CountyProcess, page: Page) -> None:
    page.goto(county.command("sign-in-link", "王医生"))
    page.goto("/gates/G1")

    def colour(of: str) -> str:
        return str(page.locator(f"tr.of-{of} .pill").first.evaluate("e => getComputedStyle(e).color"))

    assert len({colour(of) for of in ("fever", "not_measured", "refused")}) == 3
    header_shown = page.locator("thead").bounding_box()
    assert header_shown is not None
    viewport = page.viewport_size
    assert viewport is not None
    # On a phone the head is for screen readers only: each value carries its column's name.
    assert (header_shown["width"] > 20) == (viewport["width"] > 760)
    name = page.locator("tbody td").nth(1).evaluate("e => getComputedStyle(e, '::before').content")
    assert ("结果" in str(name)) == (viewport["width"] <= 760)


@pytest.mark.parametrize("kind", ["override", "case", "event"])
def test_every_list_fits_and_names_its_columns(county: CountyProcess, page: Page, kind: str) -> None:
    page.goto(county.command("sign-in-link", "王医生"))
    page.goto("/gates/G1")

    page.locator(f'.lists a[href*="kind={kind}"]').click()

    expect(page.locator(".lists [aria-current]")).to_have_attribute("href", re.compile(f"kind={kind}"))
    expect(page.locator("tbody tr")).to_have_count(1)
    assert fits(page)
    heads = [text.split("\n")[0].split()[0] for text in page.locator("th").all_text_contents()]
    cells = [cell.get_attribute("data-zh") for cell in page.locator("tbody td").all()]
    assert cells == heads


def test_name_and_password_and_out_again(county: CountyProcess, page: Page) -> None:
    name = f"li-{uuid4().hex[:8]}"
    password = county.command("add-account", name, "--role", "officer", "--generate")

    page.goto("/gates/G1")
    assert fits(page)
    page.get_by_label("登录名").fill(name)
    page.get_by_label("密码").fill(password)
    page.locator("main button").click()
    page.wait_for_url("/gates/G1")

    page.get_by_role("button", name="退出").click()
    page.wait_for_url("/sign-in")
    page.goto("/")
    assert page.url.endswith("/sign-in?next=/")
