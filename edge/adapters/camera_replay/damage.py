"""What reading a damaged file raises, and what is said of it."""

import lzma
import struct
import tokenize
import zipfile
import zlib

from edge.core.errors import RecordingError
from edge.core.recording import refused

# All that zipfile, its decompressors and numpy's header reader raise on bytes that are not what they seem.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    tokenize.TokenError,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    TypeError,
    KeyError,
    IndexError,
    SyntaxError,
    RuntimeError,
    SystemError,
    MemoryError,
)


def damaged(name: str, error: BaseException) -> RecordingError:
    return refused(
        name,
        f"文件不完整或已损坏（{error}）；请重新复制或录制",
        f"the file is incomplete or damaged ({error}); copy or record it again",
    )
