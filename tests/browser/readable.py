"""Whether everything on the page can be read: nothing cut off, nothing sticking out, contrast enough."""

import re
from collections.abc import Iterable

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

THEMES = ("dark", "light")
SIZES = {"7inch": (800, 480), "desk": (1280, 800), "phone": (390, 844)}

# Elements whose text is cut off, or that stick out of the part of the page they belong to.
CUT_OFF = """() => {
  const parts = {main: ["section", "form"], header: ["h1", "li", "button"], "#faults": ["li"],
                 ".panel": [".who", ".word", ".todo", ".others span", ".readings > *", ".readings dl", ".sign"],
                 ".frame": ["#labels span", "#mark"], ".tally div": ["dt", "dd"], ".info": ["div"], "#alerts": ["li"],
                 "#actions": ["button", "#guard .id"], "#actions button": ["b", "span"],
                 ".form": ["h2", ".whom", ".refusal", ".choices label", "input", ".pad button", ".buttons button"],
                 "#cases li": ["strong", ".clock", ".about", "button"], "#cases": [".close"],
                 "#people": ["h2", ".close"], "#people li": ["strong", ".why", "b", ".ago", "span"],
                 "#state": ["h2", ".signed", ".buttons button"], "#state .parts li": [".what", ".value", ".remedy"],
                 ".day div": ["dt", "dd"], ".looks": ["button"]};
  const found = [];
  for (const [part, inner] of Object.entries(parts)) for (const box of document.querySelectorAll(part)) {
    const outer = box.getBoundingClientRect();
    for (const selector of inner) for (const element of box.querySelectorAll(selector)) {
      const {left, right, top, bottom, width} = element.getBoundingClientRect();
      if (width === 0 || element.closest(".unseen")) continue;
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

# Everything that is shown or read out: texts, labels, what a field holds.
ALL_TEXTS = """() => {
  const found = [document.title];
  const shown = (element) => element.closest("[hidden]") === null && element.getClientRects().length > 0;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const {parentElement, data} = walk.currentNode;
    if (data.trim() && !parentElement.closest("script, style, noscript, [lang]:not(html)") && shown(parentElement))
      found.push(data.trim());
  }
  for (const element of document.querySelectorAll("body *")) {
    if (!shown(element)) continue;
    for (const name of ["aria-label", "title", "alt", "placeholder"])
      if (element.getAttribute(name)) found.push(element.getAttribute(name));
  }
  return found;
}"""
HAN = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{2,}")
# A code that has no words, or a word whose value is missing.
CODE = re.compile(r"[a-z]+_[a-z]+|undefined|null|NaN|\{\w+\}|\[object")
# What both languages write the same way.
NO_LANGUAGE = ("foregate calibrate show", "foregate guards add", "foregate-gate", "PIN", "USB", "°C", "GB")

# WCAG 2.2 A and AA, and what axe calls best practice.
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# axe waits for timers, and a page that stands still (Playwright's clock) has none but these.
AXE_RUN = """async (tags) => {
  const still = window.setTimeout;
  window.setTimeout = window.__pwClock?.builtins.setTimeout ?? still;
  const {violations} = await axe.run({runOnly: tags, resultTypes: ["violations"]});
  window.setTimeout = still;
  return violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 200)}`));
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
  const texts = "h1, h2, .what, .value, button, #faults li, .word, .todo, .who, .others, #labels span, #mark, dt, " +
    "dd, #cases p, label, .whom, .refusal, #answer, #guard .id, #people li span, #people li b, " +
    "#people strong, .signed, #state .parts span, h2 span";
  for (const element of document.querySelectorAll(texts)) {
    if (!element.textContent.trim() || element.disabled || element.getBoundingClientRect().width === 0) continue;
    const [one, other] = [light(rgba(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 4.5) found.push(`${element.textContent}: ${ratio.toFixed(2)}`);
  }
  return found;
}"""


def faults_of_reading(page: Page) -> list[str]:
    """What cannot be read on the page as it is now, in dark or in light; empty when all of it can."""
    found: list[str] = page.evaluate(CUT_OFF)
    chosen = page.evaluate("document.documentElement.dataset.theme")
    for theme in THEMES:
        wear(page, theme)
        found += [f"{theme}: {one}" for one in page.evaluate(POOR_CONTRAST)]
    wear(page, chosen)
    return found


def wear(page: Page, theme: str) -> None:
    """Dark or light, as the button at the top right does it."""
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)


def axe_finds(page: Page) -> list[str]:
    """What axe-core holds against the page as it is now, in dark or in light; empty when nothing."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    chosen = page.evaluate("document.documentElement.dataset.theme")
    found = []
    for theme in THEMES:
        wear(page, theme)
        for broken in page.evaluate(AXE_RUN, AXE_RULES):
            found.append(f"{theme}: {broken}")
    wear(page, chosen)
    return found


def untranslated(page: Page, language: str, names: Iterable[str] = ()) -> list[str]:
    """What a person sees or hears on the page that is not in this language; names are nobody's language."""
    found = []
    for said in page.evaluate(ALL_TEXTS):
        text = said
        for name in (*names, *NO_LANGUAGE):
            text = text.replace(name, " ")
        strange = HAN.search(text) if language == "en" else LATIN.search(text)
        if strange or CODE.search(text):
            found.append(said)
    return found
