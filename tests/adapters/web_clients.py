"""Browsers, good and bad, for the tests of the guard's screen."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

WAIT_S = 20.0


def origin(url: str) -> Origin:
    return Origin(url.rstrip("/"))


@contextmanager
def viewer(url: str) -> Iterator[ClientConnection]:
    """A page that has been greeted."""
    with connect(live(url), origin=origin(url), compression=None, max_size=None) as connection:
        assert "now_s" in json.loads(connection.recv(timeout=WAIT_S))
        yield connection


def live(url: str) -> str:
    return url.replace("http://", "ws://") + "live"


def next_frame(connection: ClientConnection) -> tuple[dict[str, Any], bytes]:
    """Head and picture of the next frame; the clock's messages in between are left out."""
    while True:
        sent = connection.recv(timeout=WAIT_S)
        if isinstance(sent, bytes):
            length = int.from_bytes(sent[:4], "little")
            return json.loads(sent[4 : 4 + length]), sent[4 + length :]


def next_seq(connection: ClientConnection) -> int:
    return int(next_frame(connection)[0]["state"]["frame_seq"])


def raw(url: str) -> socket.socket:
    """A connection on which nothing has been said yet."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    return socket.create_connection((parts.hostname, parts.port or 80), timeout=WAIT_S)


def say(connection: socket.socket, *lines: str) -> None:
    connection.sendall("".join(line + "\r\n" for line in (*lines, "")).encode())


def hear_all(connection: socket.socket) -> bytes:
    """Everything until the other side hangs up, politely or not."""
    heard = b""
    while True:
        try:
            more = connection.recv(65536)
        except ConnectionResetError:
            return heard
        if not more:
            return heard
        heard += more


def upgrade(connection: socket.socket, url: str, host: str | None = None, origin: str | None = None) -> None:
    """Ask for the live feed by hand, to leave pings unanswered and frames unread, or under another host and origin."""
    host = host or urlsplit(url).netloc
    say(
        connection,
        "GET /live HTTP/1.1",
        f"Host: {host}",
        f"Origin: {origin or f'http://{host}'}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    )
