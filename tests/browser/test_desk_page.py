"""The guard at work, in a real browser before a real desk: every act, what it writes down, and what it is refused."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect

from edge.adapters.web_screen import WebScreen
from edge.core.contents import CaseStep, Override, Passage
from edge.core.identity import Scan
from edge.core.policy import Policy
from edge.core.roster import Person
from edge.core.signals import signal_for
from edge.core.texts import ANSWERS, OVERRIDES, STEPS
from tests.browser.conftest import Visit
from tests.browser.readable import SIZES, axe_finds, faults_of_reading, untranslated
from tests.fakes.desk_gate import PIN, DeskGate
from tests.fakes.passages import fever, passage, refused
from tests.fakes.rosters import LI

ZHANG = replace(LI, person_id="p-1", name="张伟", badges=("B1",))
WANG = replace(LI, person_id="p-2", name="<img src=x onerror=alert(1)>", badges=("B2",))
NAMES = (ZHANG.name, WANG.name, "三年级二班", "zhao", "东门 1 号")
GUARD = Person("G1", "赵门卫", "guard", None, ("G1",), True, None, True)


@pytest.fixture
def screen() -> Iterator[WebScreen]:
    served = WebScreen(port=0, hold_s=600.0)
    yield served
    served.close()


@pytest.fixture
def gate(screen: WebScreen) -> Iterator[DeskGate]:
    opened = DeskGate(screen, (ZHANG, WANG, GUARD))
    yield opened
    opened.close()


@pytest.fixture
def page(visit: Visit, gate: DeskGate) -> Page:
    visit.page.goto(gate.screen.url)
    expect(visit.page.locator("#picture")).to_have_attribute("data-picture", "live")
    return visit.page


def known_fever(n: int = 1) -> Passage:
    """A fever of somebody on the list."""
    return replace(fever(n), identified="known", person_id=f"p-{n}", means="card", roster_version=1)


def form(page: Page, name: str) -> Locator:
    return page.locator(f"form[data-form={name}]")


def signs_in(page: Page, guard_id: str = "zhao") -> None:
    """By PIN, with a keyboard."""
    if page.locator("#do-sign_in").is_visible() and form(page, "sign_in").is_hidden():
        page.click("#do-sign_in")
    page.fill("[name=guard_id]", guard_id)
    page.fill("[name=pin]", PIN)
    page.keyboard.press("Enter")
    expect(page.locator("#guard .id")).to_have_text(guard_id)


def chooses(page: Page, value: str) -> None:
    page.locator("form:visible label", has=page.locator(f"[value={value}]")).click()


def confirms(page: Page) -> None:
    page.locator("form:visible .main").click()


def steps(gate: DeskGate) -> list[tuple[str, str | None]]:
    return [(one.step, one.by) for one in gate.written() if isinstance(one, CaseStep)]


def test_a_guard_signs_in_on_the_pad_and_signs_out(page: Page) -> None:
    page.click("#do-sign_in")
    pad = form(page, "sign_in").locator(".pad")
    for key in "zhao":
        pad.locator(f"[data-key={key}]").click()
    page.locator("[name=pin]").click()
    for key in PIN + "0":
        pad.locator(f"[data-key='{key}']").click()
    pad.locator("[data-key='⌫']").click()
    expect(page.locator("[name=pin]")).to_have_value(PIN)
    expect(page.locator("[name=pin]")).to_have_attribute("type", "password")
    confirms(page)
    expect(page.locator("#guard .id")).to_have_text("zhao")
    expect(page.locator("#answer")).to_have_text(ANSWERS["signed_in"].zh)
    assert page.evaluate("document.cookie") == ""
    page.reload()
    expect(page.locator("#guard .id")).to_have_text("zhao")
    page.click("#do-sign_out")
    expect(page.locator("#do-sign_in")).to_be_visible()
    expect(page.locator("#answer")).to_have_text(ANSWERS["signed_out"].zh)
    assert page.context.cookies() == []


def test_a_wrong_pin_is_told_in_the_form(page: Page) -> None:
    page.click("#do-sign_in")
    page.fill("[name=guard_id]", "zhao")
    confirms(page)
    expect(form(page, "sign_in").locator(".refusal")).to_have_text("请输入工号和 PIN")
    page.fill("[name=pin]", "111111")
    confirms(page)
    expect(form(page, "sign_in").locator(".refusal")).to_have_text(ANSWERS["wrong_pin"].zh)
    page.keyboard.press("Escape")
    expect(form(page, "sign_in")).to_be_hidden()
    assert page.evaluate("document.activeElement.id") == "do-sign_in"


def test_a_guard_signs_in_with_a_badge_at_the_reader(page: Page, gate: DeskGate) -> None:
    page.click("#do-sign_in")
    page.click("[data-do=sign_in_by_badge]")
    expect(form(page, "sign_in").locator(".refusal")).to_have_text("请把门卫的卡贴近读卡器…")
    gate.badges.present(Scan("B1", 0.0, "card", "door"))
    gate.badges.present(Scan("G1", 0.0, "card", "door"))
    expect(page.locator("#do-sign_out")).to_be_visible()
    expect(form(page, "sign_in")).to_be_hidden()
    # A pupil's badge in between was a pupil's badge.
    assert [scan.badge for scan in gate.typed] == ["B1"]


def test_whoever_the_gate_refused_is_let_in_with_a_reason(page: Page, gate: DeskGate) -> None:
    gate.judge(refused(1, "no_health_record", "too_early"))
    panel = page.locator("#verdict")
    expect(panel).to_have_attribute("data-kind", "refused")
    expect(panel.locator(".who")).to_have_text("张伟 · 三年级二班")
    expect(panel.locator(".others")).to_have_text("未到本班入校时间")
    page.click("#do-let_in")
    signs_in(page)
    expect(form(page, "let_in").locator(".whom")).to_have_text("张伟 · 三年级二班 · 不得进入")
    confirms(page)
    expect(form(page, "let_in").locator(".refusal")).to_have_text("请选择放行原因")
    chooses(page, "other")
    confirms(page)
    expect(form(page, "let_in").locator(".refusal")).to_have_text(ANSWERS["note_needed"].zh)
    page.fill("form[data-form=let_in] [name=note]", "校长电话同意")
    confirms(page)
    expect(panel).to_have_attribute("data-kind", "pass")
    expect(panel.locator(".todo")).to_have_text("由 zhao 放行并记录")
    expect(page.locator("#do-let_in")).to_be_disabled()
    (override,) = [one for one in gate.written() if isinstance(one, Override)]
    assert (override.person_id, override.by, override.reason, override.note) == ("p-1", "zhao", "other", "校长电话同意")
    assert gate.gate_io.shown[-1] == signal_for("pass")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_form_about_somebody_who_has_gone_lets_nobody_in(page: Page, gate: DeskGate, language: str) -> None:
    page.click(f"[data-language={language}]")
    gate.judge(refused(1, "no_health_record"))
    page.click("#do-let_in")
    signs_in(page)
    chooses(page, "paper_record")
    gate.judge(refused(2, "no_health_record"))
    expect(form(page, "let_in").locator(".main")).to_be_disabled()
    expect(form(page, "let_in").locator(".refusal")).to_contain_text(
        "未放行" if language == "zh" else "nothing was done"
    )
    page.keyboard.press("Enter")
    expect(form(page, "let_in").locator("[value=paper_record] + span")).to_have_text(
        getattr(OVERRIDES["paper_record"], language)
    )
    assert not [one for one in gate.written() if isinstance(one, Override)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_why_no_guard_may_overrule_it_is_told_when_they_ask(page: Page, gate: DeskGate, language: str) -> None:
    page.click(f"[data-language={language}]")
    gate.judge(refused(1, "not_approved"))
    expect(page.locator("#verdict")).to_have_attribute("data-kind", "refused")
    expect(page.locator("#do-let_in")).to_have_attribute("data-may", "false")
    page.click("#do-let_in")
    expect(page.locator("#answer")).to_have_text(getattr(ANSWERS["may_not_override"], language))
    expect(page.locator("form:visible")).to_have_count(0)


def test_a_fever_is_no_guards_to_let_in_before_the_thermometer(page: Page, gate: DeskGate) -> None:
    gate.judge(known_fever())
    expect(page.locator("#verdict")).to_have_attribute("data-kind", "fever")
    page.click("#do-let_in")
    expect(page.locator("#answer")).to_have_text(ANSWERS["release_first"].zh)


def test_nothing_is_let_in_twice_and_nobody_who_has_passed(page: Page, gate: DeskGate) -> None:
    expect(page.locator("#do-let_in")).to_be_disabled()
    gate.judge(passage(1))
    expect(page.locator("#verdict")).to_have_attribute("data-kind", "pass")
    expect(page.locator("#do-let_in")).to_be_disabled()


def test_whoever_is_released_at_the_gate_is_let_in_with_one_more_touch(page: Page, gate: DeskGate) -> None:
    signs_in(page)
    gate.judge(known_fever())
    page.locator("#cases [data-step=contact]").click()
    page.fill("[name=contact_c]", "37.0")
    confirms(page)
    expect(page.locator("#verdict .todo")).to_have_text("体温计 37.0 °C，请在“事件”里解除或转观察")
    page.locator("#cases [data-step=released]").click()
    confirms(page)
    expect(form(page, "let_in").locator(".whom")).to_contain_text("张伟")
    expect(form(page, "let_in").locator("[value=contact_normal]")).to_be_checked()
    confirms(page)
    expect(page.locator("#verdict")).to_have_attribute("data-kind", "pass")
    (override,) = [one for one in gate.written() if isinstance(one, Override)]
    assert (override.person_id, override.reason) == ("p-1", "contact_normal")


def test_whoever_comes_up_after_the_release_is_not_let_in_by_it(page: Page, gate: DeskGate) -> None:
    signs_in(page)
    gate.judge(known_fever())
    page.locator("#cases [data-step=contact]").click()
    page.fill("[name=contact_c]", "37.0")
    confirms(page)
    # Once the gate no longer holds the fever's verdict.
    page.wait_for_timeout(1000 * Policy().hold_s + 500)
    gate.judge(refused(2, "no_health_record"))
    expect(page.locator("#verdict .who")).to_contain_text(WANG.name)
    page.locator("#cases [data-step=released]").click()
    confirms(page)
    expect(page.locator("#answer")).to_have_text(ANSWERS["step_taken"].zh)
    expect(page.locator("form:visible")).to_have_count(0)


def test_a_double_tap_confirms_no_questioned_reading(page: Page, gate: DeskGate) -> None:
    signs_in(page)
    gate.judge(known_fever())
    page.locator("#cases [data-step=contact]").click()
    page.fill("[name=contact_c]", "34.6")
    button = form(page, "contact").locator(".main")
    told = form(page, "contact").locator(".refusal")
    # As a browser hears it: one more press as soon as the question stands there.
    button.evaluate(
        """(button, question) => new MutationObserver(() => {
            if (button.form.querySelector(".refusal").textContent === question) button.form.requestSubmit();
        }).observe(button.form, {subtree: true, childList: true, characterData: true})""",
        ANSWERS["contact_questionable"].zh,
    )
    confirms(page)
    expect(told).to_have_text(ANSWERS["contact_questionable"].zh)
    expect(button).to_be_enabled()
    assert not [one for one in gate.written() if isinstance(one, CaseStep) and one.step == "contact"]


def test_a_fever_is_measured_again_and_a_questionable_reading_confirmed(page: Page, gate: DeskGate) -> None:
    signs_in(page)
    gate.judge(known_fever())
    case = page.locator("#cases li")
    expect(case.locator(".name strong")).to_have_text("张伟")
    expect(case.locator(".clock")).to_have_text(re.compile(r"^\d+:\d\d$"))
    case.locator("[data-step=contact]").click()
    reading, told = page.locator("[name=contact_c]"), form(page, "contact").locator(".refusal")
    confirms(page)
    expect(told).to_have_text(ANSWERS["contact_missing"].zh)
    reading.fill("368")
    confirms(page)
    expect(told).to_have_text("请写成 36.8 这样")
    expect(reading).to_have_value("368")
    # As a Chinese keyboard types it.
    reading.fill("３４．６")
    confirms(page)
    expect(told).to_have_text(ANSWERS["contact_questionable"].zh)
    confirm = form(page, "contact").locator(".main")
    expect(confirm).to_have_text("确认 34.6 °C")
    # Another one is questioned anew; the same one is meant.
    reading.fill("34,8")
    expect(confirm).to_have_text("录入")
    confirms(page)
    expect(told).to_have_text(ANSWERS["contact_questionable"].zh)
    expect(confirm).to_have_text("确认 34.8 °C")
    confirms(page)
    expect(case.locator(".about")).to_have_text("体温异常 · 体温计 34.8 °C · 待处理")
    readings = [one.contact_c for one in gate.written() if isinstance(one, CaseStep) and one.step == "contact"]
    assert readings == [34.8]


def test_a_case_goes_from_the_alarm_to_its_end(page: Page, gate: DeskGate) -> None:
    signs_in(page)
    gate.judge(known_fever())
    page.locator("#cases [data-step=observation]").click()
    confirms(page)
    page.locator("#cases [data-step=informed]").click()
    confirms(page)
    expect(form(page, "step").locator(".refusal")).to_have_text(ANSWERS["informed_whom"].zh)
    page.locator("[data-note=guardian]").click()
    expect(form(page, "step").locator("[name=note]")).to_have_value("监护人")
    confirms(page)
    expect(page.locator("#cases li .about")).to_contain_text("已通知监护人")
    expect(page.locator("#verdict .todo")).to_have_text("已转观察，请带到观察区")
    # A guard does not release out of observation; the medic does.
    page.click("#do-cases")
    page.locator("#cases [data-step=released]").click()
    confirms(page)
    expect(form(page, "step").locator(".refusal")).to_have_text(ANSWERS["medic_needed"].zh)
    # Who cancels is back at the cases.
    form(page, "step").locator("[data-close]").click()
    expect(page.locator("body")).to_have_attribute("data-panel", "cases")
    page.click("#do-sign_out")
    expect(page.locator("#do-sign_in")).to_be_visible()
    signs_in(page, "sun")
    page.locator("#cases [data-step=released]").click()
    confirms(page)
    expect(page.locator("#cases")).to_be_hidden()
    # They still stand there. What the medic saw nobody has measured here: the reason is the guard's to choose.
    expect(form(page, "let_in")).to_be_visible()
    expect(form(page, "let_in").locator("input:checked")).to_have_count(0)
    assert steps(gate) == [("alarm", None), ("observation", "zhao"), ("informed", "zhao"), ("released", "sun")]


def test_a_cough_opens_a_case_of_the_last_person(page: Page, gate: DeskGate) -> None:
    signs_in(page)
    gate.judge(refused(1, "not_approved"))
    expect(page.locator("#verdict .who")).to_have_text("张伟 · 三年级二班")
    page.click("#do-symptom")
    # Nothing is chosen: one careless touch records nothing.
    confirms(page)
    expect(form(page, "symptom").locator(".refusal")).to_have_text("请选择症状")
    chooses(page, "cough")
    confirms(page)
    expect(page.locator("#cases li .about")).to_have_text("咳嗽 · 待处理")
    page.click("#do-symptom")
    chooses(page, "rash")
    page.locator("form:visible label", has=page.locator("[value=other][name=whom]")).click()
    confirms(page)
    expect(page.locator("#cases li")).to_have_count(2)
    opened = [one for one in gate.written() if isinstance(one, CaseStep)]
    assert [(one.symptom, one.person_id, one.by) for one in opened] == [
        ("cough", "p-1", "zhao"),
        ("rash", None, "zhao"),
    ]


def test_a_badge_is_typed_and_a_garbled_one_refused(page: Page, gate: DeskGate) -> None:
    signs_in(page)
    page.click("#do-type_badge")
    page.fill("[name=badge]", "卡号")
    confirms(page)
    expect(form(page, "type_badge").locator(".refusal")).to_have_text(ANSWERS["badge_unreadable"].zh)
    page.fill("[name=badge]", "b1")
    confirms(page)
    expect(page.locator("#answer")).to_have_text(ANSWERS["badge_taken"].zh)
    gate.do(lambda: None)
    assert [(scan.badge, scan.means) for scan in gate.typed] == [("B1", "typed")]


def test_script_in_a_name_is_text(visit: Visit, page: Page, gate: DeskGate) -> None:
    gate.judge(known_fever(2))
    expect(page.locator("#verdict .who")).to_contain_text(WANG.name)
    expect(page.locator("#cases li strong")).to_have_text(WANG.name)
    signs_in(page)
    page.click("#do-symptom")
    expect(form(page, "symptom").locator(".whom")).to_contain_text(WANG.name)
    assert page.locator("img").count() == 0
    assert visit.complaints == []


def test_a_session_that_the_gate_has_forgotten_asks_for_the_pin_and_goes_on(page: Page, gate: DeskGate) -> None:
    signs_in(page)
    gate.judge(known_fever())
    page.context.clear_cookies()
    page.locator("#cases [data-step=observation]").click()
    confirms(page)
    expect(form(page, "sign_in").locator(".refusal")).to_have_text(ANSWERS["sign_in_first"].zh)
    signs_in(page, "sun")
    expect(form(page, "step").locator("h2")).to_have_text(STEPS["observation"].zh)
    confirms(page)
    expect(page.locator("#cases li .about")).to_contain_text("观察中")
    assert steps(gate)[-1] == ("observation", "sun")


def test_a_dead_gate_greys_and_nothing_can_be_asked_of_it(visit: Visit, page: Page, gate: DeskGate) -> None:
    signs_in(page)
    gate.judge(known_fever())
    expect(page.locator("#cases li button").first).to_be_visible()
    gate.close()
    gate.screen.close()
    expect(page.locator("#verdict")).to_have_attribute("data-kind", "lost")
    expect(page.locator("#picture")).to_have_attribute("data-picture", "old")
    for button in ("#do-let_in", "#do-symptom", "#do-type_badge", "#do-sign_out", "#cases li button >> nth=0"):
        expect(page.locator(button)).to_be_disabled()


def test_everything_can_be_done_with_the_keyboard_alone(page: Page, gate: DeskGate) -> None:
    gate.judge(refused(1, "no_health_record"))
    expect(page.locator("#do-let_in")).to_be_enabled()

    def tab_to(selector: str) -> None:
        for _ in range(60):
            if page.evaluate("s => document.activeElement.matches(s)", selector):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"{selector} cannot be reached")

    tab_to("#do-let_in")
    page.keyboard.press("Enter")
    expect(form(page, "sign_in")).to_be_visible()
    page.keyboard.type("zhao")
    page.keyboard.press("Tab")
    page.keyboard.type(PIN)
    page.keyboard.press("Enter")
    expect(form(page, "let_in")).to_be_visible()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#verdict")).to_have_attribute("data-kind", "pass")
    (override,) = [one for one in gate.written() if isinstance(one, Override)]
    assert override.reason == "paper_record"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", SIZES)
def test_every_form_can_be_read_beside_the_verdict(
    visit: Visit, page: Page, gate: DeskGate, size: str, language: str
) -> None:
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.click(f"[data-language={language}]")
    wrong = {}

    def look(name: str) -> None:
        visit.keep(f"desk-{size}-{language}-{name}")
        verdict, opened = page.locator("#verdict").bounding_box(), page.locator("form:visible, #cases:visible").last
        beside = opened.bounding_box()
        assert verdict is not None
        assert beside is not None
        found = faults_of_reading(page) + untranslated(page, language, NAMES)
        if size == "desk":
            found += axe_finds(page)
        if beside["x"] < verdict["x"] + verdict["width"] and beside["y"] < verdict["y"] + verdict["height"]:
            found.append("lies over the verdict")
        if verdict["width"] * verdict["height"] < 0.14 * width * height:
            found.append("leaves no room for the verdict")
        if found:
            wrong[name] = found

    gate.judge(refused(2, "no_health_record", "already_in", "too_early", "clock_unknown"))
    page.click("#do-let_in")
    look("sign_in")
    signs_in(page)
    expect(form(page, "let_in")).to_be_visible()
    look("let_in")
    page.keyboard.press("Escape")
    for name in ("symptom", "type_badge"):
        page.click(f"#do-{name}")
        look(name)
        page.keyboard.press("Escape")
    gate.judge(known_fever())
    page.click("#do-cases")
    expect(page.locator("#cases [data-step=observation]")).to_be_visible()
    look("cases")
    page.locator("#cases [data-step=observation]").click()
    look("observation")
    confirms(page)
    expect(page.locator("#cases [data-step=informed]")).to_be_visible()
    look("observed")
    page.locator("#cases [data-step=informed]").click()
    look("informed")
    page.keyboard.press("Escape")
    page.locator("#cases [data-step=contact]").click()
    page.fill("[name=contact_c]", "41.5")
    confirms(page)
    expect(form(page, "contact").locator(".refusal")).to_be_visible()
    look("contact")
    assert not wrong, wrong
