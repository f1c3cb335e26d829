"""Spoken prompts through ALSA's aplay, a process of its own: the gate never waits for a sound card (docs/voice.md)."""

import os
import subprocess
import threading
from collections.abc import Callable, Sequence

from edge.adapters.voice.sounds import RATE_HZ, Language, Samples, load, louder

# A device that has not played a prompt so long after its end hangs.
PATIENCE_S = 5.0

__all__ = ["AlsaVoice", "Language"]


class AlsaVoice:
    """See `edge.ports.Voice`.

    volume_percent: asked at each prompt, 0 to 100; at 0 nothing is played. announce: told once what keeps it from
    speaking, and once more when it speaks again, on a thread of its own: a gate without a voice is a gate.
    """

    def __init__(
        self,
        languages: tuple[Language, ...],
        volume_percent: Callable[[], int],
        announce: Callable[[str], None],
        device: str = "default",
        player: Sequence[str] = ("aplay",),
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._languages, self._volume_percent, self._announce = languages, volume_percent, announce
        self._patience_s = patience_s
        self._command = [*player, "-q", "-D", device, "-t", "raw", "-f", "S16_LE", "-r", str(RATE_HZ), "-c", "1"]
        self._turn = threading.Condition()
        self._wanted: str | None = None
        self._playing: subprocess.Popen[bytes] | None = None
        self._cut_off = self._closed = self._silent = False
        self._thread = threading.Thread(target=self._run, name="voice", daemon=True)
        self._thread.start()

    def say(self, prompt: str) -> None:
        with self._turn:
            self._wanted = prompt
            self._hush()
            self._turn.notify()

    def close(self) -> None:
        with self._turn:
            self._closed = True
            self._hush()
            self._turn.notify()
        self._thread.join(self._patience_s)

    def _hush(self) -> None:
        if self._playing is not None:
            self._cut_off = True
            self._playing.kill()

    # What follows runs on the thread.

    def _run(self) -> None:
        while True:
            with self._turn:
                self._turn.wait_for(lambda: self._closed or self._wanted is not None)
                if self._closed:
                    return
                prompt, self._wanted = self._wanted, None
            try:
                percent = self._volume_percent()
                if prompt is not None and percent > 0:
                    self._play(louder(load(prompt, self._languages), percent))
            except (OSError, ValueError) as error:
                self._tell_silent(str(error))

    def _play(self, samples: Samples) -> None:
        # Files in memory: a pipe would have to be fed, and a player that hangs would hold up who feeds it.
        with os.fdopen(os.memfd_create("prompt"), "w+b") as sound, os.fdopen(os.memfd_create("said"), "w+b") as said:
            sound.write(samples.tobytes())
            sound.seek(0)
            # Not under the lock: from a slow card a program takes its time to start, and `say` must not wait for it.
            playing = subprocess.Popen(self._command, stdin=sound, stdout=said, stderr=said)
            with self._turn:
                self._playing, self._cut_off = playing, False
                if self._closed or self._wanted is not None:
                    self._hush()
            code = self._waited(playing, len(samples) / RATE_HZ + self._patience_s)
            with self._turn:
                self._playing = None
                cut_off = self._cut_off
            if code == 0:
                self._tell_speaking()
            elif not cut_off:
                said.seek(0)
                # The library tells where it failed from the inside out; the last line is aplay's own.
                lines = said.read(8192).decode(errors="replace").split("\n")
                told = [line.strip() for line in lines if line.strip()]
                self._tell_silent(told[-1][:200] if told else f"{self._command[0]}: {code}")

    def _waited(self, playing: subprocess.Popen[bytes], limit_s: float) -> int:
        """Its exit code. One that hangs is killed, and nothing else is played before it is gone."""
        try:
            return playing.wait(limit_s)
        except subprocess.TimeoutExpired as error:
            self._tell_silent(str(error))
            playing.kill()
            return playing.wait()

    def _tell_silent(self, why: str) -> None:
        if not self._silent:
            self._silent = True
            self._announce(
                f"语音提示无法播放（{why}）；请检查声卡和 voice.device，或运行 sudo apt install alsa-utils / "
                f"prompts cannot be spoken ({why}); check the sound device and voice.device, or run "
                "sudo apt install alsa-utils"
            )

    def _tell_speaking(self) -> None:
        if self._silent:
            self._silent = False
            self._announce("语音提示恢复 / prompts are spoken again")
