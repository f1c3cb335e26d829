"""The page fits a 7-inch screen, a desk and a phone in both languages, and can be read by everybody."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect

from edge.adapters.web_screen import WebScreen
from edge.core.geometry import Box
from edge.core.screen import ScreenState, VerdictView
from edge.core.texts import FAULTS, REASONS, Text
from tests.browser.conftest import Visit
from tests.fakes.screens import FACE, FEVER, PASS, screen_state

SIZES = {"7inch": (800, 480), "desk": (1280, 800), "phone": (390, 844)}
HIDDEN = replace(FACE, forehead=None, forehead_c=None, why_not="obscured")
NAME = "第三人民医院东门一号发热筛查闸机"


def scene() -> NDArray[np.float32]:
    """A room of 22 C with a warm person in it, upright."""
    y, x = np.mgrid[0:160, 0:120].astype(np.float32)
    head = np.exp(-((((x - 50) / 22) ** 2 + ((y - 68) / 30) ** 2) ** 3))
    body = np.exp(-((((x - 50) / 48) ** 2 + ((y - 165) / 52) ** 2) ** 3))
    picture: NDArray[np.float32] = (22 + 1.5 * y / 160 + 11.5 * np.maximum(head, 0.6 * body)).astype(np.float32)
    picture[120:134, 96:110] = 37.0
    return picture


def longest(texts: Mapping[str, Text]) -> str:
    """The code whose English takes most room."""
    return max(texts, key=lambda code: len(texts[code].en))


SCENES: dict[str, ScreenState] = {
    "pass": screen_state(faces=(FACE,), last=PASS),
    "fever": screen_state(faces=(replace(FACE, forehead_c=38.1),), last=FEVER),
    "not_measured": screen_state(
        faces=(HIDDEN, replace(HIDDEN, track=9, box=Box(80, 2, 119, 40), why_not=longest(REASONS))),
        last=VerdictView("not_measured", (longest(REASONS),), 32.1, 0.4, u_c=0.27),
    ),
    "ready": screen_state(gate_name=NAME),
    "stopped": screen_state(status="no_reference", reference_c=None, faults=tuple(FAULTS), records=(99999, 90000, 123)),
}

# Elements whose text is cut off, or that stick out of the part of the page they belong to.
CUT_OFF = """() => {
  const parts = {header: ["h1", "li", "button"], "#faults": ["li"],
                 ".panel": [".word", ".todo", ".readings div", ".sign"],
                 ".frame": ["#labels span", "#mark"], ".tally div": ["dt", "dd"]};
  const found = [];
  for (const [part, inner] of Object.entries(parts)) for (const box of document.querySelectorAll(part)) {
    const outer = box.getBoundingClientRect();
    for (const selector of inner) for (const element of box.querySelectorAll(selector)) {
      const {left, right, top, bottom, width} = element.getBoundingClientRect();
      if (width === 0) continue;
      const out = left < outer.left - 1 || right > outer.right + 1 || top < outer.top - 1 || bottom > outer.bottom + 1;
      const ellipsis = getComputedStyle(element).textOverflow === "ellipsis";
      if (out || (!ellipsis && element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0))
        found.push(`${part} ${selector}: ${element.textContent}`);
    }
  }
  const {scrollWidth, scrollHeight} = document.documentElement;
  if (scrollWidth > innerWidth || scrollHeight > innerHeight) found.push(`page ${scrollWidth} x ${scrollHeight}`);
  return found;
}"""

# Contrast ratio (WCAG 2.1, relative luminance) of each text with the plain colour behind it.
POOR_CONTRAST = """() => {
  const rgba = (text) => text.match(/[\\d.]+/g).map(Number);
  const linear = (c) => c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0.7) return colour;
    }
  };
  const found = [];
  const texts = "h1, .what, .value, button, #faults li, .word, .todo, #labels span, #mark, dt, dd";
  for (const element of document.querySelectorAll(texts)) {
    if (!element.textContent.trim() || element.getBoundingClientRect().width === 0) continue;
    const [one, other] = [light(rgba(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 4.5) found.push(`${element.textContent}: ${ratio.toFixed(2)}`);
  }
  return found;
}"""


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", SIZES)
def test_everything_can_be_read_at_every_size(visit: Visit, size: str, language: str) -> None:
    width, height = SIZES[size]
    visit.page.set_viewport_size({"width": width, "height": height})
    screen = WebScreen(port=0, now_s=lambda: 1000.0)
    visit.open_still(screen.url)
    visit.page.click(f"[data-language={language}]")
    wrong = {}
    for seq, (name, state) in enumerate(SCENES.items(), start=1):
        screen.publish(replace(state, frame_seq=seq, t_s=float(seq), passed=1000 + seq), scene())
        expect(visit.page.locator("#passed")).to_have_text(str(1000 + seq))
        visit.keep(f"screen-{size}-{language}-{name}")
        found = visit.page.evaluate(CUT_OFF) + visit.page.evaluate(POOR_CONTRAST)
        if found:
            wrong[name] = found
    screen.close()
    assert wrong == {}


@pytest.mark.parametrize("shape", [(160, 120), (120, 160), (256, 320)])
@pytest.mark.parametrize("size", SIZES)
def test_the_picture_keeps_its_shape_and_its_place(visit: Visit, size: str, shape: tuple[int, int]) -> None:
    width, height = SIZES[size]
    visit.page.set_viewport_size({"width": width, "height": height})
    screen = WebScreen(port=0, now_s=lambda: 1000.0)
    visit.open_still(screen.url)
    screen.publish(screen_state(1), np.full(shape, 30, np.float32))
    expect(visit.page.locator("#passed")).to_have_text("128")
    frame = visit.page.locator("#thermal").bounding_box()
    scale = visit.page.locator(".scale").bounding_box()
    place = visit.page.locator("#picture").bounding_box()
    screen.close()
    assert frame is not None
    assert scale is not None
    assert place is not None
    assert frame["width"] / frame["height"] == pytest.approx(shape[1] / shape[0], rel=0.01)
    assert frame["width"] > 150
    assert place["x"] <= frame["x"]
    assert frame["x"] + frame["width"] <= scale["x"]
    assert scale["x"] + scale["width"] <= place["x"] + place["width"]
    assert place["y"] <= frame["y"]
    assert frame["y"] + frame["height"] <= place["y"] + place["height"]


def test_the_verdict_is_large_enough_for_two_metres(visit: Visit) -> None:
    # A 7-inch screen of 800 pixels has 5.2 pixels per millimetre; a character of 1/200 of the distance is read easily.
    visit.page.set_viewport_size({"width": 800, "height": 480})
    screen = WebScreen(port=0, now_s=lambda: 1000.0)
    visit.open_still(screen.url)
    sizes = {}
    for seq, name in enumerate(("pass", "fever", "not_measured"), start=1):
        # Just decided: the gate took the frame's time before it wrote the record.
        last = replace(SCENES[name].last or PASS, age_s=-0.2)
        screen.publish(replace(SCENES[name], frame_seq=seq, passed=seq, last=last), scene())
        expect(visit.page.locator("#passed")).to_have_text(str(seq))
        sizes[name] = visit.page.locator("#verdict .word").evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
    screen.close()
    assert min(sizes.values()) >= 10 * 5.2, sizes
    assert sizes["pass"] > 70
