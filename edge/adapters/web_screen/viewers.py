"""Who watches, and which frame each of them gets: always the newest, never a queue.

Everything here runs in the screen's own event loop. A viewer who cannot keep up misses frames; the frame is encoded
once for all of them, and not at all when nobody watches.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from starlette.websockets import WebSocket, WebSocketDisconnect

from edge.core.screen import ScreenState

HEARTBEAT_S = 1.0
# WebSocket close codes, RFC 6455 section 7.4.1 and the IANA registry.
GOING_AWAY = 1001
NOT_ALLOWED = 1008
TRY_AGAIN_LATER = 1013

Encode = Callable[[ScreenState, NDArray[np.float32] | None, float], bytes]


@dataclass(frozen=True, slots=True)
class Published:
    """What the gate published, and when (monotonic seconds)."""

    state: ScreenState
    picture: NDArray[np.float32] | None
    at_s: float


class _Slot:
    """Room for one message: a newer one takes the place of one that was not fetched."""

    def __init__(self) -> None:
        self._message: bytes | None = None
        self._filled = asyncio.Event()

    def put(self, message: bytes) -> None:
        self._message = message
        self._filled.set()

    async def take(self) -> bytes | None:
        """The newest message; None after HEARTBEAT_S without one."""
        try:
            async with asyncio.timeout(HEARTBEAT_S):
                await self._filled.wait()
        except TimeoutError:
            return None
        self._filled.clear()
        return self._message


class Viewers:
    """The open pages. `about` is told to each of them at the start, together with this machine's clock."""

    def __init__(self, most: int, encode: Encode, now_s: Callable[[], float], about: dict[str, Any]) -> None:
        self._most = most
        self._encode = encode
        self._now_s = now_s
        self._about = about
        self._slots: set[_Slot] = set()
        self._newest: Published | None = None
        self._message: bytes | None = None
        self._closing = asyncio.Event()

    def __len__(self) -> int:
        return len(self._slots)

    def show(self, published: Published) -> None:
        """Hand this to every viewer, in place of whatever they have not fetched yet."""
        self._newest, self._message = published, None
        for slot in self._slots:
            slot.put(self._encoded(published))

    def close(self) -> None:
        """Show every viewer out: the gate stops."""
        self._closing.set()

    async def watch(self, socket: WebSocket) -> None:
        """Serve one viewer until either side leaves. It has nothing to say: whoever sends anything is shown out."""
        # A viewer may be gone before any word reaches it, even before the refusal or the farewell.
        with contextlib.suppress(WebSocketDisconnect):
            await self._serve(socket)

    async def _serve(self, socket: WebSocket) -> None:
        await socket.accept()
        if len(self._slots) >= self._most:
            await socket.close(TRY_AGAIN_LATER, f"{self._most} viewers already")
            return
        slot = _Slot()
        self._slots.add(slot)
        duties = [asyncio.create_task(duty) for duty in (self._feed(socket, slot), _listen(socket), self._stop())]
        try:
            done, _ = await asyncio.wait(duties, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._slots.discard(slot)
            for duty in duties:
                duty.cancel()
        for duty in done:
            code = duty.result()
            if code is not None:
                await socket.close(code)
                return

    def _encoded(self, published: Published) -> bytes:
        if self._message is None:
            self._message = self._encode(published.state, published.picture, published.at_s)
        return self._message

    async def _feed(self, socket: WebSocket, slot: _Slot) -> None:
        """Clock first, then each newest frame; the clock again whenever there is none for a while."""
        await socket.send_text(json.dumps({"now_s": self._now_s(), **self._about}))
        if self._newest is not None:
            slot.put(self._encoded(self._newest))
        while True:
            message = await slot.take()
            if message is None:
                await socket.send_text(json.dumps({"now_s": self._now_s()}))
            else:
                await socket.send_bytes(message)

    async def _stop(self) -> int:
        await self._closing.wait()
        return GOING_AWAY


async def _listen(socket: WebSocket) -> int | None:
    event = await socket.receive()
    return None if event["type"] == "websocket.disconnect" else NOT_ALLOWED
