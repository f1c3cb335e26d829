"""What every voice promises: it takes each prompt at once, whatever becomes of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from edge.adapters.voice import AlsaVoice
from edge.core.texts import PROMPTS
from edge.ports import Voice
from tests.fakes.voice import FakeVoice, fake_aplay

MAKERS: dict[str, Callable[[Path], Voice]] = {
    "fake": lambda folder: FakeVoice(),
    "aplay": lambda folder: AlsaVoice(("zh", "en"), lambda: 50, print, player=[str(fake_aplay(folder))]),
    "no-aplay": lambda folder: AlsaVoice(("zh",), lambda: 50, print, player=[str(folder / "nothing")]),
    # One that never ends by itself.
    "hanging": lambda folder: AlsaVoice(
        ("zh",), lambda: 50, print, player=[str(fake_aplay(folder, "exec sleep 1000"))]
    ),
}


@pytest.mark.parametrize("name", MAKERS)
def test_every_prompt_is_taken_one_upon_the_other(name: str, tmp_path: Path) -> None:
    voice = MAKERS[name](tmp_path)
    for prompt in (*PROMPTS, *PROMPTS):
        voice.say(prompt)
    voice.close()
    voice.close()


@pytest.mark.parametrize("name", MAKERS)
def test_a_prompt_that_is_none_is_no_fault_of_the_gate(name: str, tmp_path: Path) -> None:
    voice = MAKERS[name](tmp_path)
    voice.say("no_such_prompt")
    voice.say("pass")
    voice.close()


@pytest.mark.parametrize("name", MAKERS)
def test_nothing_is_said_after_the_end(name: str, tmp_path: Path) -> None:
    voice = MAKERS[name](tmp_path)
    voice.close()
    voice.say("pass")
    assert not list(tmp_path.glob("sound.*"))
