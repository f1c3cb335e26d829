"""The prompts' sound files: 16 kHz, one channel, G.711 mu-law in a WAV file, made by tools/make_prompts.py."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from edge.core.texts import Text

Language = Literal["zh", "en"]
Samples = NDArray[np.int16]

RATE_HZ = 16_000
FOLDER = Path(__file__).parent / "prompts"
MADE_FROM = "made_from.json"
_MULAW_FORMAT = 7
# Between the Chinese prompt and the English one.
_GAP_S = 0.25


def load(prompt: str, languages: tuple[Language, ...], folder: Path = FOLDER) -> Samples:
    """The samples of a prompt in these languages, one after the other, at RATE_HZ.

    OSError: there is no such prompt. ValueError: its file is damaged.
    """
    gap = np.zeros(int(_GAP_S * RATE_HZ), np.int16)
    parts: list[Samples] = []
    for language in languages:
        parts += [gap] * bool(parts) + [decoded((folder / language / f"{prompt}.wav").read_bytes())]
    return np.concatenate(parts)


def louder(samples: Samples, percent: int) -> Samples:
    """Scaled to this part of the amplitude, 0 to 100 percent: half is 6 dB less."""
    return (samples.astype(np.int32) * percent // 100).astype(np.int16)


def decoded(wav: bytes) -> Samples:
    """The samples of a mu-law WAV file. ValueError: it is none of ours."""
    if wav[:4] != b"RIFF" or wav[8:12] != b"WAVE":
        raise ValueError("is no WAV file")
    chunks, place = dict[bytes, bytes](), 12
    while place + 8 <= len(wav):
        size = int.from_bytes(wav[place + 4 : place + 8], "little")
        if place + 8 + size > len(wav):
            raise ValueError("is cut off")
        chunks[wav[place : place + 4]] = wav[place + 8 : place + 8 + size]
        # Chunks begin at even places.
        place += 8 + size + size % 2
    form, data = chunks.get(b"fmt ", b""), chunks.get(b"data", b"")
    kind, channels, rate_hz = (int.from_bytes(form[a:b], "little") for a, b in ((0, 2), (2, 4), (4, 8)))
    if (kind, channels, rate_hz) != (_MULAW_FORMAT, 1, RATE_HZ) or not data:
        raise ValueError(f"is not mu-law, one channel, {RATE_HZ} Hz")
    samples: Samples = _mulaw_table()[np.frombuffer(data, np.uint8)]
    return samples


def encoded(samples: Samples) -> bytes:
    """A mu-law WAV file of these samples."""
    signs, sizes = samples < 0, np.minimum(np.abs(samples.astype(np.int32)), 32_635) + 132
    # 132 is 2^7 and a half step: the exponent of the sum is never below 7.
    exponents = np.floor(np.log2(sizes)).astype(np.int32) - 7
    mantissas = sizes >> exponents + 3 & 15
    data = (~(signs.astype(np.int32) << 7 | exponents << 4 | mantissas) & 255).astype(np.uint8).tobytes()
    form = b"".join(
        number.to_bytes(size, "little")
        for number, size in ((_MULAW_FORMAT, 2), (1, 2), (RATE_HZ, 4), (RATE_HZ, 4), (1, 2), (8, 2), (0, 2))
    )
    body = b"WAVE" + b"".join(
        name + len(part).to_bytes(4, "little") + part + b"\0" * (len(part) % 2)
        for name, part in ((b"fmt ", form), (b"fact", len(samples).to_bytes(4, "little")), (b"data", data))
    )
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def stale(prompts: Mapping[str, Text], folder: Path = FOLDER) -> list[str]:
    """Files, relative to the folder, that are missing, too many, changed, or made from another text than this one."""
    try:
        made_from = json.loads((folder / MADE_FROM).read_text(encoding="utf-8"))
    except FileNotFoundError:
        made_from = {}
    wanted = {
        f"{language}/{code}.wav": getattr(text, language) for code, text in prompts.items() for language in ("zh", "en")
    }
    there = {f"{path.parent.name}/{path.name}" for path in folder.glob("*/*.wav")}
    wrong = set(wanted) ^ there | set(made_from) ^ there
    for name in there & set(wanted) & set(made_from):
        if made_from[name] != {"text": wanted[name], "sha256": fingerprint(folder / name)}:
            wrong.add(name)
    return sorted(wrong)


def fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def _mulaw_table() -> Samples:
    """ITU-T G.711: byte -> sample."""
    codes = ~np.arange(256, dtype=np.int32) & 255
    sizes = ((codes & 15) << 3 | 132) << (codes >> 4 & 7)
    return np.where(codes & 128, 132 - sizes, sizes - 132).astype(np.int16)
