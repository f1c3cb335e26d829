"""Who may come in, and what every answer forbids.

The picture of a person's face is worth protecting although the page is served on loopback: any web page that is open
in the same browser could ask for it. So a request must name this very server (a name that was made to point here,
DNS rebinding, does not), the live feed is given to this server's own page alone, nothing but that page may ask the gate
for anything, and the page itself may load and call nothing but this server. No answer ever allows another origin
anything (there is no CORS here).

Names are what the configuration says it is called by. A TLS proxy in front is known by them: it passes on `Host: name`,
without our port, and its page's origin is https://name.
"""

import asyncio
from ipaddress import ip_address
from typing import Any, cast

import h11
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

REQUEST_WITHIN_S = 5.0
HTTP_PORT = 80
READING = ("GET", "HEAD")
# So much of a body that is refused is still read, so that the refusal arrives.
MOST_HEARD_BYTES = 64 * 1024
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


class Doors:
    """ASGI middleware: refuses requests for another host, feeds for and requests of another page; adds HEADERS."""

    def __init__(self, app: ASGIApp, names: tuple[str, ...] = (), *, secure: bool = False) -> None:
        self._app = app
        self._scheme = "https" if secure else "http"
        self._names = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        headers = Headers(scope=scope)
        host = self._served(scope, headers.getlist("host"))
        if scope["type"] == "websocket":
            if host is None or not self._own_page(scope, host, headers.getlist("origin")):
                await send({"type": "websocket.close", "code": 1008})
                return
        elif host is None:
            why = "请用闸机自己的地址打开 / open the gate's own address"
            await _refuse(421, why, scope, receive, send_guarded)
            return
        elif scope["method"] not in READING and not self._own_page(scope, host, headers.getlist("origin")):
            why = "只有闸机自己的页面可以操作 / only the gate's own page may ask"
            await _refuse(403, why, scope, receive, send_guarded)
            return
        await self._app(scope, receive, send_guarded)

    def _served(self, scope: Scope, named: list[str]) -> str | None:
        """The Host header, when it names the address this connection came in by, or one of our names."""
        if len(named) != 1:
            return None
        address, port = cast(tuple[str, int], scope["server"])
        known = {f"[{address}]" if ":" in address else address, *self._names}
        if ip_address(address).is_loopback:
            known.add("localhost")
        host = named[0].lower()
        whole = {f"{name}:{port}" for name in known} | (known if port == HTTP_PORT else self._names)
        return host if host in whole else None

    def _own_page(self, scope: Scope, host: str, origins: list[str]) -> bool:
        """Whether the page that asks was served by us, under this very Host."""
        allowed = {f"{self._scheme}://{host}"}
        _, port = cast(tuple[str, int], scope["server"])
        name = host.removesuffix(f":{port}")
        if name in self._names:
            allowed |= {f"https://{name}", f"{self._scheme}://{name}", f"{self._scheme}://{name}:{port}"}
        return len(origins) == 1 and origins[0] in allowed


async def read_body(receive: Receive, most_bytes: int) -> bytes | None:
    """The body, at most most_bytes + 1 of it; None when it does not arrive in time, or its sender has gone.

    What is too long is read on for a while and dropped: a connection that is closed on bytes unread is reset, and the
    refusal with it.
    """
    body: bytes = b""
    heard = 0
    try:
        async with asyncio.timeout(REQUEST_WITHIN_S):
            while heard <= MOST_HEARD_BYTES:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                chunk = message.get("body", b"")
                heard += len(chunk)
                body = (body + chunk)[: most_bytes + 1]
                if not message.get("more_body", False):
                    return body
    except TimeoutError:
        return None
    return body


async def _refuse(status: int, why: str, scope: Scope, receive: Receive, send: Send) -> None:
    await read_body(receive, 0)
    # Something of the body may be left, so nothing can follow on this connection.
    refusal = PlainTextResponse(why + "\n", status_code=status, headers={"connection": "close"})
    await refusal(scope, receive, send)


class ImpatientHttp(H11Protocol):
    """Hangs up when a request does not arrive, the first or a further one; uvicorn would wait for ever."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self._patience = self.loop.call_later(REQUEST_WITHIN_S, self._hang_up)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._patience.cancel()
        self._patience = self.loop.call_later(REQUEST_WITHIN_S, self._hang_up)

    def connection_lost(self, exc: Exception | None) -> None:
        self._patience.cancel()
        super().connection_lost(exc)

    def _hang_up(self) -> None:
        # After an upgrade the transport belongs to the WebSocket's protocol, which has its own patience.
        if self.conn.their_state is h11.IDLE and self.transport.get_protocol() is self:
            self.transport.abort()


class ImpatientWebSocket(WebSocketsSansIOProtocol):
    """Lets go of a viewer that answers no ping: uvicorn would wait until its unread frames are read."""

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.transport.abort()


def abort_all(connections: set[Any]) -> None:
    """Cut every connection that is still there."""
    for connection in list(connections):
        connection.transport.abort()
