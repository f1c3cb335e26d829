"""Prompts through aplay: what is played, how loud, and what becomes of a sound card that fails."""

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge.adapters.voice import AlsaVoice
from edge.adapters.voice.sounds import FOLDER, MADE_FROM, RATE_HZ, Samples, decoded, encoded, load, louder, stale
from edge.core.texts import PROMPTS, Text
from tests.fakes.voice import fake_aplay

T = TypeVar("T")
MAX_BYTES = 1_500_000
# The first call never ends by itself.
ONCE = 'if [ "$n" = 0 ]; then exec sleep 1000; fi'
PASS = load("pass", ("zh",))


def until(look: Callable[[], T], wanted: Callable[[T], bool]) -> T:
    end_s = time.monotonic() + 30
    while not wanted(found := look()):
        assert time.monotonic() < end_s, f"never; at last: {found}"
        time.sleep(0.001)
    return found


def played(folder: Path, count: int) -> list[Samples]:
    """What the fake aplay was given, once it was called so often."""
    until(lambda: calls(folder), lambda found: len(found) >= count)
    return [np.frombuffer((folder / f"sound.{number}").read_bytes(), "<i2") for number in range(count)]


def calls(folder: Path) -> list[str]:
    return (folder / "calls").read_text().splitlines() if (folder / "calls").exists() else []


class Speaking:
    """A voice whose aplay is a script; `then` is what the script does when it has taken the sound."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.percent = folder, 100
        self.announced: list[str] = []
        self.opened: list[AlsaVoice] = []

    def voice(self, then: str = "", device: str = "default", patience_s: float = 20.0) -> AlsaVoice:
        program = str(fake_aplay(self.folder, then))
        self.opened.append(
            AlsaVoice(("zh",), lambda: self.percent, self.announced.append, device, [program], patience_s)
        )
        return self.opened[-1]


@pytest.fixture
def speaking(tmp_path: Path) -> Iterator[Speaking]:
    made = Speaking(tmp_path)
    yield made
    for voice in made.opened:
        voice.close()


def told(announced: list[str], words: str) -> Callable[[], int]:
    return lambda: sum(words in line for line in announced)


def test_the_prompt_is_played_on_the_device_as_raw_samples(speaking: Speaking) -> None:
    speaking.voice(device="plughw:1,0").say("pass")
    (sound,) = played(speaking.folder, 1)
    assert (sound == load("pass", ("zh",))).all()
    assert calls(speaking.folder) == [f"-q -D plughw:1,0 -t raw -f S16_LE -r {RATE_HZ} -c 1"]


def test_a_new_prompt_cuts_off_the_one_that_is_speaking(speaking: Speaking) -> None:
    voice = speaking.voice(then=ONCE)
    voice.say("come_later")
    played(speaking.folder, 1)
    voice.say("pass")
    assert (played(speaking.folder, 2)[1] == load("pass", ("zh",))).all()


def test_only_the_latest_of_many_is_said_and_none_is_kept_for_later(speaking: Speaking) -> None:
    voice = speaking.voice(then=ONCE)
    voice.say("wait")
    played(speaking.folder, 1)
    for _ in range(1000):
        voice.say("closer")
    voice.say("pass")
    until(lambda: any((sound == PASS).all() for sound in sounds(speaking.folder) if len(sound) == len(PASS)), bool)
    before = len(calls(speaking.folder))
    voice.close()
    assert len(calls(speaking.folder)) == before <= 1002


def sounds(folder: Path) -> list[Samples]:
    return [np.frombuffer(path.read_bytes(), "<i2") for path in folder.glob("sound.*")]


def test_volume_is_asked_for_each_prompt_and_at_zero_nothing_is_played(speaking: Speaking) -> None:
    voice = speaking.voice()
    speaking.percent = 50
    voice.say("pass")
    (half,) = played(speaking.folder, 1)
    assert np.abs(half - PASS / 2).max() <= 1
    speaking.percent = 0
    voice.say("wait")
    voice.close()
    assert len(calls(speaking.folder)) == 1


def test_a_card_that_fails_is_told_once_and_once_more_when_it_plays_again(speaking: Speaking) -> None:
    flag = speaking.folder / "works"
    voice = speaking.voice(then="[ -e works ] || { echo inside >&2; echo audio open error >&2; exit 1; }")
    for number in range(3):
        voice.say("pass")
        played(speaking.folder, number + 1)
        until(told(speaking.announced, "cannot be spoken (audio open error)"), lambda count: count == 1)
    flag.touch()
    voice.say("pass")
    until(told(speaking.announced, "are spoken again"), lambda count: count == 1)
    assert told(speaking.announced, "cannot be spoken")() == 1
    flag.unlink()
    voice.say("pass")
    until(told(speaking.announced, "cannot be spoken"), lambda count: count == 2)


def test_a_missing_aplay_is_told_with_what_to_install(tmp_path: Path) -> None:
    announced: list[str] = []
    voice = AlsaVoice(("zh",), lambda: 100, announced.append, player=[str(tmp_path / "none")])
    voice.say("pass")
    until(told(announced, "apt install alsa-utils"), lambda count: count == 1)
    voice.say("pass")
    voice.close()
    assert len(announced) == 1


def test_a_player_that_hangs_is_ended_and_told(speaking: Speaking) -> None:
    voice = speaking.voice(then=ONCE, patience_s=0.01)
    voice.say("pass")
    until(told(speaking.announced, "cannot be spoken"), lambda count: count == 1)
    voice.say("wait")
    assert (played(speaking.folder, 2)[1] == load("wait", ("zh",))).all()


def test_a_prompt_without_a_sound_is_told_and_the_next_is_said(speaking: Speaking) -> None:
    voice = speaking.voice()
    voice.say("no_such_prompt")
    until(told(speaking.announced, "cannot be spoken"), lambda count: count == 1)
    voice.say("pass")
    played(speaking.folder, 1)


@pytest.mark.skipif(shutil.which("aplay") is None, reason="no aplay on this machine: apt install alsa-utils")
def test_the_real_aplay_takes_what_it_is_given() -> None:
    command = ["aplay", "-q", "-D", "null", "-t", "raw", "-f", "S16_LE", "-r", str(RATE_HZ), "-c", "1"]
    subprocess.run(command, input=PASS.tobytes(), check=True, timeout=30)


# --- the files -----------------------------------------------------------------------------------------------------


def test_every_prompt_has_its_sounds_made_from_today_s_text() -> None:
    assert stale(PROMPTS) == [], "run make prompts"


def test_a_missing_changed_or_left_over_sound_is_named(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    (tmp_path / "zh/pass.wav").unlink()
    (tmp_path / "en/wait.wav").write_bytes(b"other")
    (tmp_path / "en/left_over.wav").write_bytes(b"")
    changed = {**PROMPTS, "closer": Text(PROMPTS["closer"].zh, "Closer"), "new": Text("新", "New")}
    assert stale(changed, tmp_path) == [
        "en/closer.wav",
        "en/left_over.wav",
        "en/new.wav",
        "en/wait.wav",
        "zh/new.wav",
        "zh/pass.wav",
    ]
    (tmp_path / MADE_FROM).unlink()
    assert len(stale(PROMPTS, tmp_path)) > 2 * len(PROMPTS) - 2


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("prompt", PROMPTS)
def test_sounds_are_short_and_alike_in_loudness(prompt: str, language: str) -> None:
    sound = decoded((FOLDER / language / f"{prompt}.wav").read_bytes()) / 32_768
    assert 0.5 < len(sound) / RATE_HZ < 3.5
    assert 0.1 < np.sqrt(np.mean(sound**2)) < 0.16
    assert np.abs(sound).max() < 0.95
    # It begins and ends in silence: nothing clicks.
    assert max(abs(sound[0]), abs(sound[-1])) < 0.01


def test_all_sounds_together_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.glob("*/*")) < MAX_BYTES
    assert set(json.loads((FOLDER / MADE_FROM).read_text())) == {
        f"{language}/{prompt}.wav" for prompt in PROMPTS for language in ("zh", "en")
    }


def test_both_languages_are_said_one_after_the_other() -> None:
    zh, en = load("pass", ("zh",)), load("pass", ("en",))
    both = load("pass", ("zh", "en"))
    assert (both[: len(zh)] == zh).all()
    assert (both[-len(en) :] == en).all()
    assert not both[len(zh) : -len(en)].any()
    assert 0.1 < (len(both) - len(zh) - len(en)) / RATE_HZ < 0.5


SAMPLES = st.lists(st.integers(-32_768, 32_767), min_size=1, max_size=50).map(lambda found: np.array(found, np.int16))


@given(SAMPLES)
def test_what_is_encoded_is_decoded_within_the_step_of_its_size(samples: Samples) -> None:
    """G.711: sixteen steps to the octave, so half of one is a 32nd of the value; near zero steps of 8."""
    found = decoded(encoded(samples)).astype(np.int32)
    wanted: NDArray[np.int32] = np.clip(samples.astype(np.int32), -32_635, 32_635)
    assert (np.abs(found - wanted) <= np.maximum(4, (np.abs(wanted) + 132) / 32 + 1)).all()


def test_mulaw_is_that_of_the_standard() -> None:
    """G.711, table 2a: the ends of the range, and both zeros."""
    body = encoded(np.zeros(4, np.int16))
    codes = body[:-4] + bytes([0x00, 0x80, 0xFF, 0x7F])
    assert decoded(codes).tolist() == [-32_124, 32_124, 0, 0]


@given(SAMPLES, st.integers(0, 100))
def test_louder_never_overflows_nor_turns_the_sign(samples: Samples, percent: int) -> None:
    scaled = louder(samples, percent)
    assert (np.abs(scaled.astype(np.int32)) <= np.abs(samples.astype(np.int32))).all()
    assert np.abs(scaled - samples * (percent / 100)).max() <= 1


@given(
    st.one_of(
        st.binary(max_size=80), st.integers(0, 3000).map(lambda size: (FOLDER / "zh/pass.wav").read_bytes()[:size])
    )
)
def test_no_bytes_but_ours_are_a_sound(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"is no WAV|is cut off|is not mu-law"):
        decoded(body)
