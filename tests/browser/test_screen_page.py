"""What the guard sees: the picture in fixed colours, boxes where the faces are, the verdict in two languages."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from edge.adapters.web_screen import WebScreen
from edge.core.contents import Verdict
from edge.core.geometry import Box
from edge.core.screen import ChangeView, NoticeView, VerdictView
from edge.core.texts import ASKS, EVENTS, FAULTS, REASONS, REFERENCES, VERDICTS
from tests.browser.conftest import Visit
from tests.fakes.screens import CASE, CONDITION, FACE, FEVER, PASS, REFUSED, ROSTER, even_picture, screen_state

# matplotlib's "inferno" at 0, 1/2 and 1, and the grey of a pixel without a temperature.
COLDEST, MIDDLE, HOTTEST, UNKNOWN = [0, 0, 4], [187, 55, 84], [252, 255, 164], [70, 80, 92]


@pytest.fixture
def screen() -> Iterator[WebScreen]:
    # Neither here nor on the page does any time pass: nothing fades or grows old while a test looks at it.
    served = WebScreen(port=0, now_s=lambda: 1000.0)
    yield served
    served.close()


def pixels(page: Page, canvas: str) -> Any:
    """Colours of a canvas, [rows, columns, 3]."""
    width, height, data = page.evaluate(
        """id => { const c = document.querySelector(id);
                   return [c.width, c.height, [...c.getContext("2d").getImageData(0, 0, c.width, c.height).data]]; }""",
        canvas,
    )
    return np.array(data, np.uint8).reshape(height, width, 4)[..., :3]


def open_page(visit: Visit, screen: WebScreen) -> Page:
    visit.open_still(screen.url)
    expect(visit.page.locator("body")).to_have_attribute("data-link", "open")
    return visit.page


def published(page: Page, screen: WebScreen, frame_seq: int, picture: Any = None, **changes: Any) -> None:
    """Publish, and wait until the page shows this very frame: its number of passed people is the frame's."""
    screen.publish(screen_state(frame_seq, passed=frame_seq, **changes), picture)
    expect(page.locator("#passed")).to_have_text(str(frame_seq))


def test_the_picture_is_drawn_in_colours_fixed_in_degrees(visit: Visit, screen: WebScreen) -> None:
    page = open_page(visit, screen)
    picture = np.array([[15.0, 28.5, 42.0], [-20.0, 90.0, math.nan]], np.float32)
    published(page, screen, 1, picture)
    assert pixels(page, "#thermal").tolist() == [[COLDEST, MIDDLE, HOTTEST], [COLDEST, HOTTEST, UNKNOWN]]
    # The next frame has another size and no hot spot; the colours do not stretch.
    published(page, screen, 2, even_picture(28.5, 4, 3))
    assert pixels(page, "#thermal").tolist() == [[MIDDLE] * 3] * 4


def test_the_scale_beside_the_picture_has_its_colours_and_grows_lighter(visit: Visit, screen: WebScreen) -> None:
    page = open_page(visit, screen)
    published(page, screen, 1, np.linspace(42, 15, 255, dtype=np.float32).reshape(255, 1))
    scale = pixels(page, "#scale")
    assert (scale == pixels(page, "#thermal")).all()
    lightness = scale[:, 0, :] @ np.array([0.2126, 0.7152, 0.0722])
    assert (np.diff(lightness) < 0.5).all()
    assert page.locator("#ticks .tick").all_text_contents() == ["15°", "20°", "25°", "30°", "35°", "40°"]


def test_boxes_and_readings_lie_where_the_faces_are(visit: Visit, screen: WebScreen) -> None:
    page = open_page(visit, screen)
    hidden = replace(FACE, track=8, box=Box(80, 2, 110, 40), forehead=None, forehead_c=None, why_not="obscured")
    published(page, screen, 1, even_picture(30), faces=(FACE, hidden))
    frame = page.locator("#thermal").bounding_box()
    assert frame is not None
    per_px = frame["width"] / 120
    for kind, box in (("face", FACE.box), ("forehead", FACE.forehead)):
        assert box is not None
        drawn = page.locator(f"#boxes rect.{kind}.over[data-track='7']").evaluate(
            "e => { const b = e.getBBox(); return [b.x, b.y, b.width, b.height]; }"
        )
        assert drawn == [box.x0, box.y0, box.width_px, box.height_px]
    assert page.locator("#boxes").bounding_box() == frame
    label = page.locator("#labels [data-track='7']")
    expect(label).to_have_text("36.4 °C")
    place = cast(dict[str, float], label.bounding_box())
    assert place["x"] + place["width"] / 2 == pytest.approx(frame["x"] + 50 * per_px, abs=1.5)
    assert place["y"] + place["height"] <= frame["y"] + 40 * per_px + 1
    expect(page.locator("#labels [data-track='8']")).to_have_text("看不到额头")
    published(page, screen, 2, even_picture(30))
    expect(page.locator("#boxes rect")).to_have_count(0)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("verdict", "reason"),
    [("pass", "ok"), ("fever", "fever_forehead"), ("refused", "not_approved"), ("not_measured", "obscured")],
)
def test_a_verdict_has_colour_sign_word_advice_and_reading(
    visit: Visit, screen: WebScreen, language: str, verdict: Verdict, reason: str
) -> None:
    page = open_page(visit, screen)
    page.click(f"[data-language={language}]")
    reading = None if verdict == "not_measured" else 36.42
    published(page, screen, 1, even_picture(30), last=VerdictView(verdict, (reason,), reading, 0.4, reading and 0.27))
    panel = page.locator("#verdict")
    expect(panel).to_have_attribute("data-kind", verdict)
    expect(panel.locator("use")).to_have_attribute("href", f"#sign-{verdict}")
    expect(panel.locator(".word")).to_have_text(getattr(VERDICTS[verdict], language))
    expect(panel.locator(".todo")).to_have_text(getattr(REASONS[reason], language))
    expect(panel.locator(".forehead dd")).to_have_text("36.4 °C" if reading else "—")
    expect(panel.locator(".alarm dd")).to_have_text("37.3")
    expect(panel.locator(".uncertainty")).to_be_visible(visible=reading is not None)
    if reading:
        expect(panel.locator(".uncertainty dd")).to_have_text("± 0.5 °C")
    expect(page.locator("#say")).to_contain_text(getattr(VERDICTS[verdict], language))


@pytest.mark.parametrize(
    ("reading", "shown"), [(37.3, "37.3"), (37.26, "37.26"), (37.299, "37.299"), (37.24, "37.2"), (37.349, "37.3")]
)
def test_rounding_never_moves_a_reading_across_the_alarm(
    visit: Visit, screen: WebScreen, reading: float, shown: str
) -> None:
    page = open_page(visit, screen)
    published(page, screen, 1, last=replace(PASS, forehead_c=reading))
    expect(page.locator("#verdict .forehead dd")).to_have_text(f"{shown} °C")


def test_faults_and_states_are_said_with_their_remedy(visit: Visit, screen: WebScreen) -> None:
    page = open_page(visit, screen)
    published(page, screen, 1, even_picture(30), status="no_reference", reference_c=None, faults=("reference", "store"))
    assert page.locator("#faults li").all_text_contents() == [FAULTS["reference"].zh, FAULTS["store"].zh]
    expect(page.locator("#verdict")).to_have_attribute("data-kind", "stop")
    expect(page.locator("#reference")).to_have_attribute("data-level", "bad")
    expect(page.locator("#mark")).to_have_text("找不到参考黑体")
    page.click("[data-language=en]")
    assert page.locator("#faults li").all_text_contents() == [FAULTS["reference"].en, FAULTS["store"].en]
    published(page, screen, 2, even_picture(30))
    expect(page.locator("#faults")).to_be_hidden()
    expect(page.locator("#mark")).to_be_hidden()
    expect(page.locator("#reference .value")).to_have_text("37.0 °C")


def test_why_the_reference_cannot_be_used_is_said_with_what_to_do(visit: Visit, screen: WebScreen) -> None:
    page = open_page(visit, screen)
    for seq, (why, told) in enumerate(REFERENCES.items(), start=1):
        published(page, screen, seq, even_picture(30), status="no_reference", reference_state=why)
        expect(page.locator("#verdict .todo")).to_have_text(told.zh)
        expect(page.locator("#reference")).to_have_attribute("data-level", "bad")
        assert told.zh.startswith(f"{page.locator('#mark').text_content()}：")
        page.click("[data-language=en]")
        expect(page.locator("#verdict .todo")).to_have_text(told.en)
        page.click("[data-language=zh]")


@pytest.mark.parametrize(
    ("checked", "level", "value"),
    [
        ({}, "good", "就绪 06:50"),
        ({"check_wrong": 2}, "bad", "未就绪 06:50，2 项有问题"),
        ({"checked_utc_ms": None}, "wait", "今天还没有检查"),
    ],
)
def test_the_check_at_opening_is_told(
    visit: Visit, screen: WebScreen, checked: dict[str, Any], level: str, value: str
) -> None:
    page = open_page(visit, screen)
    # Told in the gate's zone, whatever the page's may be.
    published(page, screen, 1, timezone="Asia/Shanghai", condition=replace(CONDITION, **checked))
    page.click("#do-state")
    expect(page.locator("#state [data-part=check]")).to_have_attribute("data-level", level)
    expect(page.locator("#state [data-part=check] .value")).to_have_text(value)


def test_what_the_county_will_change_is_told_before_it_does(visit: Visit, screen: WebScreen) -> None:
    page = open_page(visit, screen)
    alarm = ChangeView("额温报警值", "Forehead alarm", "35.9 °C", "36.2 °C")
    published(page, screen, 1, notice=NoticeView(3, 301.0, (alarm,)))
    expect(page.locator("#notices li")).to_have_text("县里新设置（第 3 版）6 分钟后生效：额温报警值 35.9 °C → 36.2 °C")
    page.click("[data-language=en]")
    expect(page.locator("#notices li")).to_have_text(
        "New settings of the county (version 3), in force in 6 min: Forehead alarm 35.9 °C → 36.2 °C"
    )
    published(page, screen, 2, notice=NoticeView(3, 0.0, (alarm,) * 9))
    expect(page.locator("#notices li")).to_contain_text("as soon as nobody stands here")
    expect(page.locator("#notices li")).to_contain_text("3 more")
    published(page, screen, 3)
    expect(page.locator("#notices")).to_be_hidden()


@pytest.mark.parametrize("fault", ["store", "gate_io"])
def test_nobody_is_called_in_while_the_gate_stays_shut(visit: Visit, screen: WebScreen, fault: str) -> None:
    page = open_page(visit, screen)
    published(page, screen, 1, even_picture(30), last=PASS, faults=(fault,))
    expect(page.locator("#verdict")).to_have_attribute("data-kind", "stop")
    published(page, screen, 2, even_picture(30), last=FEVER, faults=(fault,))
    expect(page.locator("#verdict")).to_have_attribute("data-kind", "fever")


def test_whoever_is_refused_is_named_with_every_reason_the_gravest_first(visit: Visit, screen: WebScreen) -> None:
    page = open_page(visit, screen)
    reasons = ("not_approved", "no_health_record", "too_early")
    published(page, screen, 1, even_picture(30), last=replace(REFUSED, reasons=reasons))
    panel = page.locator("#verdict")
    expect(panel.locator(".who")).to_have_text("张伟 · 三年级二班")
    expect(panel.locator(".todo")).to_have_text(REASONS["not_approved"].zh)
    assert panel.locator(".others span").all_text_contents() == ["缺 14 天健康记录", "未到本班入校时间"]
    expect(page.locator("#say")).to_have_text(
        "不得进入 · 张伟 · 三年级二班 · 36.1 °C · 返校未获批准，请联系班主任 · 缺 14 天健康记录 · 未到本班入校时间"
    )
    # Nothing of them stays with the next person.
    published(page, screen, 2, even_picture(30), last=PASS)
    expect(panel.locator(".who")).to_be_hidden()
    expect(panel.locator(".others")).to_be_hidden()


def test_whoever_a_guard_let_in_is_called_in(visit: Visit, screen: WebScreen) -> None:
    page = open_page(visit, screen)
    published(page, screen, 1, even_picture(30), last=replace(REFUSED, let_in_by="zhao"))
    expect(page.locator("#verdict")).to_have_attribute("data-kind", "pass")
    expect(page.locator("#verdict .word")).to_have_text("门卫放行")
    published(page, screen, 2, even_picture(30), last=replace(REFUSED, let_in_by="zhao"), faults=("gate_io",))
    expect(page.locator("#verdict")).to_have_attribute("data-kind", "stop")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("ask", "sign"), [("present_badge", "badge"), ("one_at_a_time", "stop")])
def test_whoever_stands_there_is_told_what_to_do(
    visit: Visit, screen: WebScreen, language: str, ask: str, sign: str
) -> None:
    page = open_page(visit, screen)
    page.click(f"[data-language={language}]")
    published(page, screen, 1, even_picture(30), faces=(FACE,), ask=ask)
    panel = page.locator("#verdict")
    expect(panel).to_have_attribute("data-kind", "ask")
    expect(panel.locator("use")).to_have_attribute("href", f"#sign-{sign}")
    said = getattr(ASKS[ask], language)
    assert said.startswith(panel.locator(".word").inner_text())
    assert panel.locator(".todo").inner_text()
    # What keeps the camera from measuring them is told with it.
    hidden = replace(FACE, forehead=None, forehead_c=None, why_not="obscured")
    published(page, screen, 2, even_picture(30), faces=(hidden,), ask="present_badge")
    expect(panel.locator(".todo")).to_have_text(getattr(REASONS["obscured"], language))


@pytest.mark.parametrize("alert", ["fire_on", "forced", "tailgate"])
def test_an_alert_comes_before_every_verdict(visit: Visit, screen: WebScreen, alert: str) -> None:
    page = open_page(visit, screen)
    published(page, screen, 1, even_picture(30), last=PASS, alerts=(alert, "tamper_on"), faults=("store",))
    assert page.locator("#alerts li").all_text_contents() == [EVENTS[alert].zh, EVENTS["tamper_on"].zh]
    expect(page.locator("#verdict")).to_have_attribute("data-kind", "alert")
    expect(page.locator("#verdict .todo")).not_to_be_empty()
    published(page, screen, 2, even_picture(30), last=PASS, alerts=("tamper_on",))
    expect(page.locator("#verdict")).to_have_attribute("data-kind", "pass")
    published(page, screen, 3, even_picture(30))
    expect(page.locator("#alerts")).to_be_hidden()


@pytest.mark.parametrize(("fault", "kind"), [("readers", "ready"), ("roster_old", "ready"), ("roster_none", "stop")])
def test_only_a_fault_that_keeps_everybody_out_stops_the_gate(
    visit: Visit, screen: WebScreen, fault: str, kind: str
) -> None:
    page = open_page(visit, screen)
    published(page, screen, 1, even_picture(30), faults=(fault,))
    expect(page.locator("#faults li")).to_have_text(FAULTS[fault].zh)
    expect(page.locator("#verdict")).to_have_attribute("data-kind", kind)


def test_roster_and_crowd_are_told_where_people_are_asked(visit: Visit, screen: WebScreen) -> None:
    page = open_page(visit, screen)
    published(page, screen, 1)
    expect(page.locator("#roster")).to_be_hidden()
    expect(page.locator("#do-type_badge")).to_be_hidden()
    published(page, screen, 2, asked=True, inside=87, refused=4, crowd_c=35.94, roster=ROSTER)
    expect(page.locator("#roster")).to_have_text("第 12 版 1160 人 · 3 小时前")
    expect(page.locator("#crowd")).to_have_text("35.9 °C")
    expect(page.locator("#inside")).to_have_text("87")
    expect(page.locator("#refused")).to_have_text("4")
    expect(page.locator("#do-type_badge")).to_be_visible()
    published(page, screen, 3, asked=True, roster=replace(ROSTER, age_h=50.0), faults=("roster_old",))
    expect(page.locator("#roster")).to_have_text("第 12 版 1160 人 · 2 天前")
    published(page, screen, 4, asked=True, roster=replace(ROSTER, age_h=None))
    expect(page.locator("#roster")).to_have_text("第 12 版 1160 人")
    published(page, screen, 5, asked=True, faults=("roster_none",))
    expect(page.locator("#roster")).to_have_text("–")


@pytest.mark.parametrize(
    ("after_s", "clock"), [(-5, "0:00"), (67, "1:07"), (3_725, "1:02:05"), (172_799, "47:59:59"), (300_000, "3 天")]
)
def test_a_case_tells_for_how_long_it_is_open(visit: Visit, screen: WebScreen, after_s: int, clock: str) -> None:
    page = open_page(visit, screen)
    published(page, screen, 1, cases=(CASE,), utc_ms=CASE.opened_utc_ms + after_s * 1000)
    expect(page.locator("#cases .clock")).to_have_text(clock)
    expect(page.locator("#do-cases .clock")).to_have_text(clock)
    expect(page.locator("#do-cases b")).to_have_text("1")


def test_the_day_is_counted(visit: Visit, screen: WebScreen) -> None:
    page = open_page(visit, screen)
    published(page, screen, 41, fever=2, not_measured=9, records=(52, 40, 3))
    counts = {name: page.locator(f"#{name}").inner_text() for name in ("passed", "fever", "not_measured")}
    assert counts == {"passed": "41", "fever": "2", "not_measured": "9"}
    records = {name: page.locator(f"#{name}").inner_text() for name in ("written", "waiting", "set_aside")}
    assert records == {"written": "52", "waiting": "9", "set_aside": "3"}
    expect(page.locator("#gate")).to_have_text("东门 1 号")


def test_the_language_is_chosen_by_keyboard_and_kept(visit: Visit, screen: WebScreen) -> None:
    page = open_page(visit, screen)
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    # Sound, colours, Chinese, English.
    for _ in range(4):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.language") == "en"
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("[data-language=en]")).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#camera .what")).to_have_text("Camera")


def test_the_page_calls_nobody_else_and_complains_of_nothing(visit: Visit, screen: WebScreen) -> None:
    page = open_page(visit, screen)
    for seq, last in enumerate((None, PASS, FEVER), start=1):
        published(page, screen, seq, even_picture(30), faces=(FACE,), last=last, faults=("camera",))
    page.click("[data-language=en]")
    assert visit.complaints == []
    assert visit.hosts == {urlsplit(screen.url).netloc}


@pytest.mark.parametrize(("motion", "animation"), [("reduce", "none"), ("no-preference", "beat")])
def test_nothing_moves_for_those_who_ask_for_it(
    browser: Browser, screen: WebScreen, motion: Any, animation: str
) -> None:
    context = browser.new_context(reduced_motion=motion)
    page = open_page(Visit(context.new_page()), screen)
    published(page, screen, 1, even_picture(30), last=FEVER)
    expect(page.locator("#verdict")).to_have_attribute("data-kind", "fever")
    assert page.locator("#verdict .sign").evaluate("e => getComputedStyle(e).animationName") == animation
    context.close()
