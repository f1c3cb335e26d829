"""The guard's screen over HTTP: the gate's loop hands over the newest frame and never waits for a browser."""

import asyncio
import errno
import logging
import socket
import threading
import time
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import Any

import numpy as np
import uvicorn
from numpy.typing import NDArray
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from edge.adapters.web_screen.desk import PATH, WebDesk
from edge.adapters.web_screen.doors import Doors, ImpatientHttp, ImpatientWebSocket, abort_all
from edge.adapters.web_screen.pages import Page, edition, pages
from edge.adapters.web_screen.tablet import Tablet, check_certificate, signed_in_only
from edge.adapters.web_screen.tech import WebTech
from edge.adapters.web_screen.viewers import Encode, Published, Viewers
from edge.core import desk
from edge.core.errors import ScreenError
from edge.core.screen import ScreenState, message
from edge.ports import Technician

_log = logging.getLogger(__name__)

# About three Lepton frames: what lies in the kernel's buffer is already old when a slow viewer reads it.
SEND_BUFFER_BYTES = 64 * 1024
BACKLOG = 64
# A viewer has nothing to say; what a browser needs for pongs and its farewell is smaller.
LARGEST_MESSAGE_BYTES = 256
PING_S = 5.0
PONG_WITHIN_S = 10.0
FAREWELL_S = 0.5


class WebScreen:
    """`edge.ports.Screen`, `Desk` and `TechPages` as pages for browsers; `url` is where.

    host: a loopback address unless allow_remote; port: 0 takes any free one; names: host names, besides the address
    itself, under which browsers may ask for it, also through a TLS proxy at https://name; hold_s: how long a verdict
    stays on the screen; sign_in_s: how long a guard stays signed in without a further act, as the gate counts it;
    most_viewers: pages open at once, further ones are told so. tablet: the same page for tablets, over TLS; None: none.
    Pictures handed over must not be changed afterwards.

    ScreenError: the address is not ours, not loopback or not free.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 8080,
        *,
        allow_remote: bool = False,
        names: tuple[str, ...] = (),
        hold_s: float = 3.0,
        sign_in_s: float = 900.0,
        most_viewers: int = 20,
        tablet: Tablet | None = None,
        encode: Encode = message,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        served = pages()
        self._listener = _listen("127.0.0.1" if host == "localhost" else host, port, allow_remote)
        address, self._port = self._listener.getsockname()[:2]
        self.url = f"http://[{address}]:{self._port}/" if ":" in address else f"http://{address}:{self._port}/"
        self._now_s = now_s
        self._lock = threading.Lock()
        self._offered: Published | None = None
        self._closed = False
        self._loop = asyncio.new_event_loop()
        self._viewers = Viewers(most_viewers, encode, now_s, {"hold_s": hold_s, "edition": edition(served)})
        # A browser sends a cookie to every port of a host: named by port, two gates on one machine keep theirs apart.
        self._desk = WebDesk(f"foregate-{self._port}", sign_in_s, now_s)
        self._tech = WebTech(f"foregate-tech-{self._port}")
        self._server = _server(_app(served, self._viewers.watch, self._desk, self._tech.routes()), names)
        self.tablet_port: int | None = None
        self._tablets: tuple[socket.socket, WebDesk, uvicorn.Server] | None = None
        if tablet is not None:
            self._tablets = self._for_tablets(tablet, served, sign_in_s)
        self._thread = threading.Thread(target=self._serve, name="web-screen", daemon=True)
        self._thread.start()

    def publish(self, state: ScreenState, picture: NDArray[np.float32] | None) -> None:
        """Leave this for the viewers in place of anything they have not seen yet; returns at once, also when closed."""
        published = Published(state, picture, self._now_s())
        with self._lock:
            waiting, self._offered = self._offered is not None, published
            if not waiting and not self._closed:
                self._loop.call_soon_threadsafe(self._collect)

    def requests(self) -> tuple[desk.Request, ...]:
        """What guards have asked since the last call; returns at once, also when closed."""
        return self._desk.take() + (self._tablets[1].take() if self._tablets else ())

    def attend(self, technician: Technician) -> None:
        """See `edge.ports.TechPages`."""
        self._tech.attend(technician)

    def close(self) -> None:
        """Show the viewers out and give the port back. May be called twice."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._loop.call_soon_threadsafe(self._leave)
        self._thread.join()

    def _collect(self) -> None:
        with self._lock:
            published, self._offered = self._offered, None
        if published is not None:
            self._viewers.show(published)

    def _leave(self) -> None:
        self._viewers.close()
        self._desk.close()
        self._tech.close()
        for server in (self._server, *([self._tablets[2]] if self._tablets else [])):
            server.should_exit = True
            self._loop.call_later(FAREWELL_S, abort_all, server.server_state.connections)
        if self._tablets:
            self._tablets[1].close()

    def _for_tablets(
        self, tablet: Tablet, served: dict[str, Page], sign_in_s: float
    ) -> tuple[socket.socket, WebDesk, uvicorn.Server]:
        """The same page once more, for signed-in tablets; the technician's pages are not there."""
        try:
            check_certificate(tablet)
            listener = _listen(tablet.host, tablet.port, allow_remote=True)
        except ScreenError:
            self._listener.close()
            self._loop.close()
            raise
        self.tablet_port = listener.getsockname()[1]
        at_desk = WebDesk(f"foregate-{self.tablet_port}", sign_in_s, self._now_s, remote=True)
        app = _app(served, signed_in_only(self._viewers.watch, at_desk), at_desk, [])
        return listener, at_desk, _server(app, tablet.names, tablet)

    async def _serve_all(self) -> None:
        servers = [self._server.serve(sockets=[self._listener])]
        if self._tablets:
            servers.append(self._tablets[2].serve(sockets=[self._tablets[0]]))
        await asyncio.gather(*servers)

    def _serve(self) -> None:
        try:
            self._loop.run_until_complete(self._serve_all())
        except Exception:  # noqa: BLE001  # whatever it is, the gate goes on without its screen, and the log says why
            _log.exception("the guard's screen has stopped")
        finally:
            with self._lock:
                self._closed = True
            self._listener.close()
            if self._tablets:
                self._tablets[0].close()
            self._loop.close()


def _listen(host: str, port: int, allow_remote: bool) -> socket.socket:
    try:
        address = ip_address(host)
    except ValueError as error:
        raise ScreenError(
            f"屏幕地址 {host} 不是 IP 地址；请填写如 127.0.0.1",
            f"screen address {host} is no IP address; use one such as 127.0.0.1",
        ) from error
    if not address.is_loopback and not allow_remote:
        raise ScreenError(
            f"屏幕地址 {host} 可从网络访问，画面涉及个人隐私；请改用 127.0.0.1，或明确允许远程访问",
            f"screen address {host} can be reached from the network, and it shows people; use 127.0.0.1, "
            "or allow remote access explicitly",
        )
    listener = socket.socket(socket.AF_INET6 if address.version == 6 else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        listener.bind((host, port))
        # From here on a browser can connect; it is answered as soon as the thread runs.
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise _not_ours(host, port, error) from error
    return listener


def _not_ours(host: str, port: int, error: OSError) -> ScreenError:
    if error.errno == errno.EADDRINUSE:
        return ScreenError(
            f"屏幕端口 {port} 已被占用；请停止另一个程序，或在配置中换一个端口",
            f"screen port {port} is in use; stop the other program, or choose another port in the configuration",
        )
    if error.errno == errno.EACCES:
        return ScreenError(
            f"无权使用屏幕端口 {port}；请选择 1024 以上的端口",
            f"no permission for screen port {port}; choose one above 1024",
        )
    return ScreenError(
        f"屏幕地址 {host}:{port} 无法使用（{error}）；请检查配置中的地址",
        f"screen address {host}:{port} cannot be used ({error}); check it in the configuration",
    )


def _app(
    served: dict[str, Page], watch: Callable[[WebSocket], Any], at_desk: WebDesk, more: Sequence[BaseRoute]
) -> Starlette:
    def give(page: Page) -> Callable[[Request], Any]:
        async def answer(_: Request) -> Response:
            return Response(page.body, media_type=page.media_type)

        return answer

    routes: list[BaseRoute] = [Route(path, give(page), methods=["GET"]) for path, page in served.items()]
    routes.append(WebSocketRoute("/live", watch))
    routes.append(Route(PATH, at_desk.who, methods=["GET"]))
    routes.append(Route(PATH, at_desk.ask, methods=["POST"]))
    return Starlette(routes=[*routes, *more])


def _server(app: Starlette, names: tuple[str, ...], tablet: Tablet | None = None) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            Doors(app, names, secure=tablet is not None),
            ssl_certfile=None if tablet is None else tablet.certificate,
            ssl_keyfile=None if tablet is None else str(tablet.key),
            http=ImpatientHttp,
            ws=ImpatientWebSocket,
            ws_max_size=LARGEST_MESSAGE_BYTES,
            ws_ping_interval=PING_S,
            ws_ping_timeout=PONG_WITHIN_S,
            # Deflate would cost a frame's time on a small board, for loopback.
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=2,
        )
    )
