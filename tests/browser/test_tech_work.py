"""A technician at work in a real browser: by pointer, by keys alone, on the page's every part."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from edge.app.config_file import load
from edge.app.tech_lines import OUTPUTS
from tests.browser.conftest import Visit
from tests.browser.tech_gate import WAIT_MS, TechGate, goes_to, opens, signs_in


@pytest.fixture(autouse=True)
def _patience() -> Iterator[None]:
    """A gate on a busy machine answers late."""
    expect.set_options(timeout=WAIT_MS)
    yield
    expect.set_options(timeout=None)


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[TechGate]:
    running = TechGate(tmp_path)
    yield running
    running.close()


@pytest.fixture
def page(visit: Visit, gate: TechGate) -> Page:
    visit.page.goto(f"{gate.url}tech.html")
    visit.page.click("[data-language=en]")
    return visit.page


def fact(page: Page, name: str) -> Locator:
    return page.locator(f"[data-fact={name}] dd")


def row(page: Page, line: str) -> Locator:
    return page.locator(f"#lines [data-line={line}]")


def test_a_wrong_pin_is_told_and_nothing_is_shown(page: Page) -> None:
    page.fill("[name=who]", "ma")
    page.fill("[name=pin]", "000000")
    page.keyboard.press("Enter")
    expect(page.locator("#sign_in .refusal")).to_contain_text("Wrong name or PIN")
    expect(page.locator("#desk")).to_be_hidden()
    expect(page.locator("[name=pin]")).to_have_value("")
    signs_in(page)
    expect(page.locator("#desk")).to_be_visible()
    page.reload()
    expect(page.locator("#who")).to_have_text("ma")


def test_pixels_are_read_out_by_pointer_and_by_keys(page: Page, gate: TechGate, visit: Visit) -> None:
    opens(page, gate.url)
    expect(fact(page, "rate")).to_contain_text("/s")
    canvas = page.locator("#picture canvas.thermal")
    box = canvas.bounding_box()
    assert box is not None
    # The middle of the drawn reference, at column 26 of 120 and row 136 of 160.
    canvas.click(position={"x": box["width"] * 26.5 / 120, "y": box["height"] * 136.5 / 160})
    expect(fact(page, "pixel")).to_have_text("26, 136")
    expect(fact(page, "claimed")).to_contain_text("36.")
    expect(fact(page, "corrected")).to_contain_text("37.")
    expect(fact(page, "serial")).to_have_text("SIM-1")
    visit.keep("tech-pixel")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(fact(page, "pixel")).to_have_text("27, 134")


def test_a_frozen_camera_is_greyed_and_told_within_a_second_or_so(page: Page, gate: TechGate, visit: Visit) -> None:
    opens(page, gate.url)
    expect(page.locator("#picture .stale")).to_be_hidden()
    expect(fact(page, "corrected")).to_contain_text("°C")
    gate.frozen.set()
    expect(page.locator("#picture .stale")).to_contain_text("No new picture for", timeout=3000)
    expect(page.locator("#picture .stage")).to_have_class(re.compile(r"\bold\b"))
    visit.keep("tech-frozen")
    gate.frozen.clear()
    expect(page.locator("#picture .stale")).to_be_hidden()


def test_the_reference_is_drawn_by_hand_and_saved_into_the_configuration(
    page: Page, gate: TechGate, visit: Visit
) -> None:
    opens(page, gate.url)
    expect(fact(page, "pixel")).not_to_be_empty()
    page.click("[data-draw=reference]")
    box = page.locator("#picture canvas.thermal").bounding_box()
    assert box is not None
    x, y = box["x"], box["y"]
    page.mouse.move(x + box["width"] * 20.5 / 120, y + box["height"] * 130.5 / 160)
    page.mouse.down()
    page.mouse.move(x + box["width"] * 32.5 / 120, y + box["height"] * 142.5 / 160, steps=3)
    page.mouse.up()
    visit.keep("tech-drawn")
    page.click("#draw_take")
    # Upright it is [20, 130, 33, 143]; the sensor lies on its side.
    expect(page.locator("#drawn_value")).to_contain_text("[130, 87, 143, 100]")
    page.click("#to_settings")
    expect(page.locator("[name='reference.region']")).to_have_value("[130, 87, 143, 100]")
    page.click("#settings_check")
    expect(page.locator("#settings_diff pre")).to_contain_text("+region = [130, 87, 143, 100]")
    visit.keep("tech-diff")
    page.click("#settings_save")
    expect(page.locator("#restart")).to_be_visible()
    assert load(gate.file).reference.region == (130, 87, 143, 100)


def test_the_zone_is_drawn_by_keys_alone(page: Page, gate: TechGate) -> None:
    opens(page, gate.url)
    expect(fact(page, "pixel")).not_to_be_empty()
    page.locator("[data-draw=zone]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#picture canvas.thermal")).to_be_focused()
    for _ in range(4):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#drawn_value")).to_contain_text("24 px")
    page.keyboard.press("Enter")
    expect(page.locator("[name='policy.min_face_width_px']")).to_have_value("24")
    goes_to(page, "picture")
    page.click("[data-draw=zone]")
    page.keyboard.press("Escape")
    expect(page.locator("#drawn")).to_be_hidden()


def test_lines_are_tried_one_by_one_and_nobody_is_let_in_meanwhile(page: Page, gate: TechGate, visit: Visit) -> None:
    opens(page, gate.url, "lines")
    expect(row(page, "relay").locator("[data-act=try]")).to_be_disabled()
    page.click("#maintenance")
    expect(page.locator("#mode")).to_contain_text("nobody is let in (ma)")
    for name in OUTPUTS:
        row(page, name).locator("[data-act=try]").click()
        label = row(page, name).locator("strong").inner_text()
        expect(page.locator("#answer")).to_have_text(f"{label}: Done")
        row(page, name).locator("[data-act=works]").click()
        expect(row(page, name).locator(".state")).to_have_text("noted: works")
    assert [signal for signal in gate.gate_io.shown if signal in OUTPUTS.values()] == list(OUTPUTS.values())
    row(page, "exit").locator("[data-act=listen]").click()
    expect(row(page, "exit").locator(".state")).to_contain_text("operate it once")
    gate.gate_io.press()
    expect(row(page, "exit").locator(".state")).to_have_text("heard: off")
    row(page, "exit").locator("[data-act=fails]").click()
    expect(row(page, "exit").locator(".state")).to_contain_text("check its wiring")
    visit.keep("tech-lines-tried")
    page.click("#maintenance")
    expect(page.locator("#mode")).to_contain_text("at work")
    assert gate.lines.by is None


def test_settings_are_refused_at_their_field_compared_saved_and_taken_back(
    page: Page, gate: TechGate, visit: Visit
) -> None:
    opens(page, gate.url, "settings")
    field = page.locator("[name='policy.fever_forehead_c']")
    field.fill("99")
    page.click("#settings_check")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#policy_fever_forehead_c_said")).to_contain_text("out of range")
    visit.keep("tech-refused")
    field.fill("36.4")
    page.select_option("[name='screen.people']", "nobody")
    page.click("#settings_check")
    diff = page.locator("#settings_diff pre")
    expect(diff).to_contain_text("-fever_forehead_c = 36.2")
    expect(diff).to_contain_text("+fever_forehead_c = 36.4")
    expect(diff).to_contain_text('+people = "nobody"')
    page.click("#settings_save")
    expect(page.locator("#answer")).to_have_text("Saved")
    assert load(gate.file).policy.fever_forehead_c == 36.4
    expect(page.locator("#restart")).to_contain_text("after a restart")
    page.click("#versions button")
    expect(diff).to_contain_text("+fever_forehead_c = 36.2")
    page.click("#settings_save")
    expect(field).to_have_value("36.2")
    assert load(gate.file).policy.fever_forehead_c == 36.2
    page.click("#versions li:nth-child(1) button")
    expect(diff).to_contain_text("+fever_forehead_c = 36.4")


def test_a_restart_is_one_press(page: Page, gate: TechGate) -> None:
    opens(page, gate.url, "settings")
    page.fill("[name='policy.hold_s']", "5")
    page.click("#settings_check")
    page.click("#settings_save")
    page.click("#restart button")
    expect(page.locator("#answer")).to_have_text("Restarting")
    assert gate.restarted == 1


def test_charts_tell_the_hours_the_drift_and_the_daily_check(page: Page, gate: TechGate) -> None:
    opens(page, gate.url, "charts")
    charts = page.locator("#chart_list")
    expect(charts).to_contain_text("NOT READY")
    expect(charts).to_contain_text("(clock)")
    expect(charts).to_contain_text("the camera drifts")
    expect(charts.locator("svg[role=img]")).to_have_count(4)
    expect(charts.locator(".bar.hot").first).to_be_attached()
    charts.locator("summary").first.click()
    expect(charts.locator("table").first).to_contain_text("35.")
    page.click("[data-language=zh]")
    expect(charts).to_contain_text("未就绪")


def test_the_self_check_a_bundle_and_a_clip_are_had_from_the_page(page: Page, gate: TechGate, visit: Visit) -> None:
    opens(page, gate.url, "check")
    page.click("#doctor_run")
    expect(page.locator("#doctor li").first).to_contain_text("check its USB cable")
    expect(page.locator("#log")).to_contain_text("technician signed in: ma")
    with page.expect_download() as bundle:
        page.click("text=Support bundle")
    assert bundle.value.suggested_filename.startswith("foregate-support-")
    page.fill("#clip [name=seconds]", "1")
    page.click("#clip .main")
    expect(page.locator("#answer")).to_contain_text("consent")
    page.check("#clip [name=agreed]")
    page.click("#clip .main")
    expect(page.locator("#clip .state")).to_contain_text("frames, ")
    visit.keep("tech-clip")
    with page.expect_download() as clip:
        page.click("#clip_fetch")
    assert clip.value.suggested_filename.endswith(".npz")
    page.click("#clip_forget")
    expect(page.locator("#clip_fetch")).to_be_hidden()
    assert gate.clip.body() is None


def test_who_was_taken_off_the_list_sees_the_sign_in_again(page: Page, gate: TechGate) -> None:
    opens(page, gate.url)
    gate.technicians.remove("ma")
    expect(page.locator("#sign_in")).to_be_visible()
    expect(page.locator("#desk")).to_be_hidden()


def test_a_gate_that_is_gone_is_told_and_found_again(page: Page, gate: TechGate) -> None:
    opens(page, gate.url)
    page.context.set_offline(True)
    expect(page.locator("#trouble")).to_contain_text("does not answer", timeout=5000)
    page.context.set_offline(False)
    expect(page.locator("#trouble")).to_be_hidden()
    expect(page.locator("#who")).to_have_text("ma")


def test_a_name_with_script_in_it_is_text(visit: Visit, gate: TechGate) -> None:
    page = visit.page
    opens(page, gate.url, "check")
    gate.log.say("<img src=x onerror=alert(1)> “<script>alert(2)</script>”")
    expect(page.locator("#log")).to_contain_text("<img src=x")
    assert page.locator("#log img, #log script").count() == 0
    assert not any("alert" in one for one in visit.complaints)
