"""The body of a gate's request: its size is known before it is read, and bounded after it is unpacked."""

import socket
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.http import HttpRequest

from county.core import problems
from county.core.problems import Problem

JSON = "application/json"
LINES = "application/x-ndjson"
# The whole body; a gate that says nothing for 15 s is given up before (county/gates/serving.py).
WHOLE_BODY_S = 30.0
_GZIP = 16 + zlib.MAX_WBITS


def body(request: HttpRequest, most_bytes: int, *types: str) -> bytes | Problem:
    """The body, unpacked, when it is of one of these types and not longer than this."""
    if request.content_type not in types:
        return problems.content_type(*types)
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip"):
        return problems.CONTENT_ENCODING
    length = request.META.get("CONTENT_LENGTH") or ""
    # Without a length the body would have to be read to learn that it is too large.
    if not length.isascii() or not length.isdigit():
        return problems.LENGTH_REQUIRED
    if len(length) > 16 or int(length) > most_bytes:
        return problems.too_large(most_bytes)
    try:
        with _in_time(request):
            sent = request.read(int(length))
    except OSError:
        # The gate went away, or was silent for longer than the server waits.
        return problems.TIMEOUT
    if len(sent) != int(length):
        return problems.TIMEOUT
    return _unpacked(sent, most_bytes) if encoding == "gzip" else sent


def _unpacked(packed: bytes, most_bytes: int) -> bytes | Problem:
    unpacking = zlib.decompressobj(_GZIP)
    try:
        # One byte more than allowed tells "too long" from "just fits"; a bomb is not unpacked any further.
        plain = unpacking.decompress(packed, most_bytes + 1)
    except zlib.error:
        return problems.NOT_GZIP
    if len(plain) > most_bytes:
        return problems.too_large(most_bytes)
    return plain if unpacking.eof and not unpacking.unused_data else problems.NOT_GZIP


@contextmanager
def _in_time(request: HttpRequest) -> Iterator[None]:
    """Whoever sends drop by drop is silent long enough never; after so long their side of the line is closed."""
    line = request.META.get("gunicorn.socket")
    if not isinstance(line, socket.socket):
        yield
        return
    watch = threading.Timer(WHOLE_BODY_S, _close, [line])
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def _close(line: socket.socket) -> None:
    try:
        line.shutdown(socket.SHUT_RD)
    except OSError:
        # Gone already, which is what was wanted.
        return
