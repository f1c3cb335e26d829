"""The guard's page on a tablet in the school's network: TLS with the gate's own certificate, nothing before a sign-in.

Off unless the site asks for it. Files and words are given to anybody, for the sign-in needs them and they tell of
nobody; the live feed only to who has signed in with a PIN, and it ends with the sign-in.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.websockets import WebSocket, WebSocketDisconnect

from edge.adapters.web_screen.desk import WebDesk
from edge.core.desk import StillIn
from edge.core.errors import ScreenError

# A close code of our own (RFC 6455, 7.4.2): the page shows its sign-in.
SIGN_IN_FIRST = 4401
# Who has signed out, or is taken off the list of guards, sees no more after so long.
ASKED_AGAIN_S = 2.0


@dataclass(frozen=True, slots=True)
class Tablet:
    """Where tablets find the page: an address of this machine (0.0.0.0: all), a port, and PEM files for TLS."""

    host: str
    port: int
    certificate: Path
    key: Path
    names: tuple[str, ...] = ()


def check_certificate(tablet: Tablet) -> None:
    """ScreenError: no certificate and key that belong together can be read there."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tablet.certificate, tablet.key)
    except (OSError, ssl.SSLError) as error:
        raise ScreenError(
            f"平板用的证书 {tablet.certificate} 无法使用（{error}）；请运行 foregate tablet 生成，或删去 [tablet]",
            f"the tablets' certificate {tablet.certificate} cannot be used ({error}); make one with foregate tablet, or"
            " remove [tablet]",
        ) from error


def signed_in_only(
    watch: Callable[[WebSocket], Awaitable[None]], desk: WebDesk
) -> Callable[[WebSocket], Awaitable[None]]:
    """The live feed for who has signed in; the gate itself is asked, at first and again and again."""

    async def guarded(socket: WebSocket) -> None:
        session = desk.session(socket)
        if session is None or not await _holds(desk, session):
            await _sent_away(socket)
            return
        watching = asyncio.ensure_future(watch(socket))
        try:
            while not watching.done():
                await asyncio.wait({watching}, timeout=ASKED_AGAIN_S)
                if not watching.done() and not await _holds(desk, session):
                    await socket.close(SIGN_IN_FIRST)
                    return
            await watching
        finally:
            watching.cancel()

    return guarded


async def _holds(desk: WebDesk, session: str) -> bool:
    answer = await desk.put(StillIn(), session)
    return answer is not None and answer.ok


async def _sent_away(socket: WebSocket) -> None:
    # Accepted first: a refused handshake tells a page nothing.
    try:
        await socket.accept()
        await socket.close(SIGN_IN_FIRST)
    except WebSocketDisconnect:
        return
