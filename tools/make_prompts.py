"""Makes the gate's prompts from edge.core.texts.PROMPTS: python -m tools.make_prompts (needs Debian's espeak-ng).

Prints how long and how loud each one is. `make prompts` runs it; the files are committed with the texts.
"""

import io
import json
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.adapters.voice.sounds import FOLDER, MADE_FROM, RATE_HZ, decoded, encoded, fingerprint
from edge.core.texts import PROMPTS

# espeak-ng 1.51 reads the syllables of `cmn` as if they were English; this voice is the same speaker without the fault.
VOICES = {"zh": ("cmn-latn-pinyin", 170), "en": ("en-gb", 160)}
# What every prompt is brought to: as loud as the others, nothing cut at the top.
RMS, PEAK = 0.14, 0.9
SILENCE = 0.01
MARGIN_S = 0.06
LONGEST_S = 4.0


def main() -> int:
    made_from = {}
    for language, (voice, words_per_min) in VOICES.items():
        folder = FOLDER / language
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.wav"):
            old.unlink()
        for code, text in PROMPTS.items():
            said = getattr(text, language)
            sound = levelled(trimmed(resampled(*spoken(said, voice, words_per_min))))
            path = folder / f"{code}.wav"
            path.write_bytes(encoded((sound * 32_767).astype(np.int16)))
            made_from[f"{language}/{code}.wav"] = {"text": said, "sha256": fingerprint(path)}
            if not told(path, said):
                return 1
    listed = json.dumps(made_from, ensure_ascii=False, indent=1, sort_keys=True)
    (FOLDER / MADE_FROM).write_text(listed + "\n", encoding="utf-8")
    tell(f"{len(made_from)} files, {sum(path.stat().st_size for path in FOLDER.glob('*/*.wav'))} bytes")
    return 0


def spoken(text: str, voice: str, words_per_min: int) -> tuple[NDArray[np.float64], int]:
    """What espeak-ng says: samples from -1 to 1, and their rate (Hz)."""
    command = ["espeak-ng", "-v", voice, "-s", str(words_per_min), "--stdout", text]
    try:
        done = subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        sys.exit("没有 espeak-ng：请运行 sudo apt install espeak-ng / no espeak-ng: run sudo apt install espeak-ng")
    with wave.open(io.BytesIO(done.stdout)) as wav:
        # The header of a stream does not know how long it is.
        samples = np.frombuffer(wav.readframes(10**7), "<i2")
        return samples / 32_768, wav.getframerate()


def resampled(sound: NDArray[np.float64], rate_hz: int) -> NDArray[np.float64]:
    """At RATE_HZ, without what that rate cannot hold: the spectrum is cut."""
    length = round(len(sound) * RATE_HZ / rate_hz)
    spectrum = np.fft.rfft(sound)[: length // 2 + 1]
    return np.fft.irfft(spectrum, length) * (length / len(sound))


def trimmed(sound: NDArray[np.float64]) -> NDArray[np.float64]:
    """Without the silence at either end, but for MARGIN_S, over which it rises and falls."""
    loud = np.flatnonzero(np.abs(sound) > SILENCE)
    margin = int(MARGIN_S * RATE_HZ)
    kept: NDArray[np.float64] = np.pad(sound, margin)[loud[0] : loud[-1] + 2 * margin + 1].copy()
    slope = np.linspace(0, 1, margin)
    kept[:margin] *= slope
    kept[-margin:] *= slope[::-1]
    return kept


def levelled(sound: NDArray[np.float64]) -> NDArray[np.float64]:
    """As loud as RMS, or as loud as its peak allows; the softly bent top of tanh keeps voices alike."""
    gained = sound * (RMS / np.sqrt(np.mean(sound**2)))
    bent: NDArray[np.float64] = PEAK * np.tanh(gained / PEAK)
    return bent


def told(path: Path, text: str) -> bool:
    """Print length and level of the file as it will be heard; False: it is no prompt."""
    sound = decoded(path.read_bytes()) / 32_768
    length_s, rms, peak = len(sound) / RATE_HZ, float(np.sqrt(np.mean(sound**2))), float(np.abs(sound).max())
    tell(f"{path.parent.name} {path.stem:<15} {length_s:5.2f} s  rms {rms:.3f}  peak {peak:.2f}  {text}")
    if 0.3 < length_s < LONGEST_S and rms > RMS / 2:
        return True
    tell(f"{path}: 太长、太短或太轻 / too long, too short or too soft")
    return False


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
