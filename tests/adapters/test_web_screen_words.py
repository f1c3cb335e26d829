"""Every word of the guard's page exists in both languages, and every word is used."""

import re
from importlib import resources
from typing import Any

import pytest
import requests

from edge.adapters.web_screen import WebScreen
from edge.app.tech_keys import CHANGEABLE
from edge.app.tech_lines import INPUTS, OUTPUTS
from edge.core import texts as catalogue
from edge.core.texts import Text
from tests.adapters.web_clients import WAIT_S

# With the punctuation of its own.
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
# All but what the gate says aloud.
GATE_WORDS: dict[str, dict[str, Text]] = {
    name.lower(): codes for name, codes in vars(catalogue).items() if name.isupper() and name != "PROMPTS"
}


@pytest.fixture(scope="module")
def texts() -> Any:
    screen = WebScreen(port=0)
    answer = requests.get(screen.url + "texts.json", timeout=WAIT_S)
    screen.close()
    return answer.json()


# Families of words that the technician's pages put together: tell(`line_${name}`) and the like.
TECH_FAMILIES = ("line_", "result_", "code_", "level_", "set_", "section_", "points_")


def page_source(tech: bool | None = None) -> str:
    """All pages' sources; tech: those of the technician's alone, or all others alone."""
    folder = resources.files("edge.adapters").joinpath("web_static")
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith((".html", ".js")))
    return "\n".join(
        folder.joinpath(name).read_text("utf-8") for name in names if tech in (None, name.startswith("tech"))
    )


def test_every_code_of_the_gate_has_its_words(texts: Any) -> None:
    assert set(texts) == {*GATE_WORDS, "page", "tech"}
    for group, codes in GATE_WORDS.items():
        assert texts[group] == {code: {"zh": text.zh, "en": text.en} for code, text in codes.items()}


def test_every_text_is_said_in_both_languages(texts: Any) -> None:
    for group, codes in texts.items():
        for code, text in codes.items():
            assert set(text) == {"zh", "en"}, (group, code)
            assert CHINESE.search(text["zh"]), (group, code)
            assert text["en"].strip(), (group, code)
            assert not CHINESE.search(text["en"]), (group, code)
            assert set(re.findall(r"\{\w+\}", text["zh"])) == set(re.findall(r"\{\w+\}", text["en"])), (group, code)


def test_every_word_the_page_uses_is_in_the_catalogue_and_none_is_left_over(texts: Any) -> None:
    source = page_source(tech=False)
    used = set(re.findall(r'data-(?:text|label)="(\w+)"', source)) | set(re.findall(r'\bword\("(\w+)"', source))
    panels = set(re.findall(r'\b(?:plain|counting)\("(\w+)"', source)) | {"connecting", "lost", "full", "sign_in"}
    used |= panels | {f"{panel}_todo" for panel in panels}
    # The gate's parts and the day's lines are listed by their codes (state.js).
    listed = set(re.findall(r'\["(\w+)", [^\]]+\]|\b(?:fault\(|const id = )"(\w+)"', source))
    used |= {key for codes in listed for code in codes for key in (code, f"part_{code}") if key in texts["page"]}
    assert used - set(texts["page"]) == set()
    assert set(texts["page"]) - used == set()


def test_every_word_of_the_technicians_pages_is_in_the_catalogue_and_none_is_left_over(texts: Any) -> None:
    source, known = page_source(tech=True), set(texts["tech"])
    used = set(re.findall(r'data-said(?:-label)?="tech\.(\w+)"', source)) | set(re.findall(r'\btell\("(\w+)"', source))
    assert used - known == set()
    # A list of names is told one by one.
    quoted = set(re.findall(r'"(\w+)"', source)) | set(re.findall(r"^    (\w+)(?::|,$)", source, re.MULTILINE))
    left = {word for word in known - used - quoted if not word.startswith(TECH_FAMILIES)}
    assert left == set()
    assert {word for word in known if word.startswith("set_")} == {
        f"set_{section}_{key}" for section, keys in CHANGEABLE.items() for key in keys
    }
    assert {word for word in known if word.startswith("section_")} == {f"section_{section}" for section in CHANGEABLE}
    assert {word for word in known if word.startswith("line_")} == {f"line_{name}" for name in (*OUTPUTS, *INPUTS)}


def test_the_page_holds_no_words_of_its_own(texts: Any) -> None:
    said = {text["zh"] for text in texts["page"].values()}
    without_script = re.sub(r"<noscript>.*?</noscript>", "", page_source(), flags=re.DOTALL)
    # What stands in the page before its script runs is the catalogue's Chinese, and the languages' own names.
    shown = {text.strip() for text in re.findall(r">([^<>{}]*[\u4e00-\u9fff][^<>{}]*)<", without_script)}
    assert "报警值" in shown
    assert shown - said == {"中文"}
