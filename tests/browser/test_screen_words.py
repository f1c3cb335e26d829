"""Every word that the gate can say is shown whole, in its language, at every size; and each verdict sounds."""

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest

import pytest
from playwright.sync_api import Browser, Page, expect

from edge.adapters.web_screen import WebScreen
from edge.core.contents import Verdict
from edge.core.screen import ScreenState
from edge.core.texts import ANSWERS, ASKS, EVENTS, FAULTS, REASONS, REFERENCES, STATUSES
from tests.browser.conftest import PATIENCE_MS, Visit
from tests.browser.readable import SIZES, faults_of_reading, untranslated
from tests.fakes.desk_gate import DeskGate
from tests.fakes.rosters import LI
from tests.fakes.screens import FACE, FEVER, NOT_MEASURED, PASS, REFUSED, names_of, screen_state
from tests.fakes.thermal_scene import scene


def everything_said() -> Iterator[ScreenState]:
    """Each reason as the gravest one and above a face; each status, fault, event and request beside one of them."""
    groups = [tuple(codes) for codes in (REASONS, STATUSES, FAULTS, EVENTS)]
    for reason, status, fault, event in zip_longest(*groups):
        hindered = replace(FACE, forehead=None, forehead_c=None, why_not=reason if reason != "ok" else "moving")
        yield screen_state(
            last=replace(REFUSED, reasons=(reason,)),
            faces=(hindered,),
            status=status or "ok",
            faults=(fault,) if fault else (),
            # These come before the verdict: it is read at another turn.
            alerts=(event,) if event and event not in ("fire_on", "forced", "tailgate") else (),
        )
    for event in ("fire_on", "forced", "tailgate"):
        yield screen_state(alerts=(event,))
    for ask in ASKS:
        yield screen_state(ask=ask, asked=True)
    for status in STATUSES:
        yield screen_state(status=status, warm_up_s=42.0 if status == "settling" else None)
    for reference in REFERENCES:
        yield screen_state(status="no_reference", reference_state=reference)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", SIZES)
def test_whatever_the_gate_says_is_shown_whole(visit: Visit, size: str, language: str) -> None:
    width, height = SIZES[size]
    page = visit.page
    page.set_viewport_size({"width": width, "height": height})
    screen = WebScreen(port=0, now_s=lambda: 1000.0)
    visit.open_still(screen.url)
    page.click(f"[data-language={language}]")
    wrong = {}
    for seq, state in enumerate(everything_said(), start=1):
        screen.publish(replace(state, frame_seq=seq, t_s=float(seq), passed=seq), scene())
        expect(page.locator("#passed")).to_have_text(str(seq))
        if found := faults_of_reading(page) + untranslated(page, language, names_of(state)):
            wrong[seq, state.status, state.faults, state.last and state.last.reasons] = found
    screen.close()
    assert not wrong, wrong


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", ["7inch", "phone"])
def test_whatever_a_guard_is_answered_is_shown_whole(visit: Visit, size: str, language: str) -> None:
    width, height = SIZES[size]
    page = visit.page
    page.set_viewport_size({"width": width, "height": height})
    screen = WebScreen(port=0)
    gate = DeskGate(screen, (LI,))
    said = iter(ANSWERS)
    # The gate's answer to each press of the button is the next one that there is.
    page.route(
        "**/desk",
        lambda route: route.fulfill(json={"ok": False, "code": next(said), "guard": "zhao", "left_s": 900.0}),
    )
    visit.page.goto(screen.url)
    page.click(f"[data-language={language}]")
    page.click("#do-type_badge")
    page.fill("[name=badge]", "b1")
    told, wrong = page.locator("form[data-form=type_badge] .refusal"), {}
    for code in list(ANSWERS)[1:]:
        if code == "sign_in_first":
            next(said)
            continue
        page.locator("form:visible .main").click()
        expect(told).to_have_text(getattr(ANSWERS[code], language))
        if found := faults_of_reading(page) + untranslated(page, language, ("东门 1 号", "zhao")):
            wrong[code] = found
    gate.close()
    screen.close()
    assert not wrong, wrong


def tones(page: Page) -> list[int]:
    """The pitches that were played since the last look, in Hz."""
    played: list[int] = page.evaluate("() => { const was = window.tones; window.tones = []; return was; }")
    return played


def heard_tones(page: Page) -> list[int]:
    """Those of one verdict: the browser may still be waking its audio up."""
    end_s = time.monotonic() + PATIENCE_MS / 1000
    while not (found := tones(page)):
        assert time.monotonic() < end_s, "nothing was heard"
        time.sleep(0.05)
    return found


def test_each_verdict_has_a_sound_of_its_own_once_somebody_wants_it(browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(
        """window.tones = [];
           const start = OscillatorNode.prototype.start;
           OscillatorNode.prototype.start = function (at) {
             window.tones.push(this.frequency.value);
             start.call(this, at);
           };"""
    )
    screen = WebScreen(port=0, now_s=lambda: 1000.0)
    visit = Visit(page)
    visit.open_still(screen.url)
    verdicts: dict[Verdict, list[int]] = {}
    for seq, last in enumerate((PASS, FEVER, REFUSED, NOT_MEASURED), start=1):
        if seq == 2:
            assert verdicts["pass"] == [], "nobody has asked for sounds yet"
            page.click("#sound")
            assert tones(page), "the button itself is heard"
        # Each of them later than the one before.
        screen.publish(screen_state(seq, passed=seq, last=replace(last, age_s=2.9 - seq * 0.7)), scene())
        expect(page.locator("#passed")).to_have_text(str(seq))
        verdicts[last.verdict] = heard_tones(page) if seq > 1 else tones(page)
    screen.close()
    context.close()
    heard = [tuple(verdicts[verdict]) for verdict in ("fever", "refused", "not_measured")]
    assert all(heard)
    assert len(set(heard)) == 3
