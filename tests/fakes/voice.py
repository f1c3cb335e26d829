"""A voice that nobody hears, and an aplay that writes down what it was to play."""

import stat
from pathlib import Path


class FakeVoice:
    """See `edge.ports.Voice`: `said` holds every prompt in its order."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.closed = False

    def say(self, prompt: str) -> None:
        self.said.append(prompt)

    def close(self) -> None:
        self.closed = True


def fake_aplay(folder: Path, then: str = "") -> Path:
    """A program that stands for aplay: each call appends its arguments to folder/calls, keeps its sound as
    folder/sound.N, and does then what `then` says (shell)."""
    program = folder / "aplay"
    program.write_text(
        f'#!/bin/sh\ncd "{folder}"\nn=$(ls sound.* 2>/dev/null | wc -l)\ncat >"part.$n"\nmv "part.$n" "sound.$n"\n'
        f'echo "$@" >>calls\n{then}\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program
