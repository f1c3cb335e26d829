"""The technician's pages: their requests on the way to the gate, and nobody's but this very machine's.

Settings and the relay are asked for here, so these paths are narrower than the guard's page: whoever asks must sit at
this machine (a loopback address on both ends), name it as such in Host (a TLS proxy's name does not count), and come
through no proxy that says so. Doors has seen to Origin already. Who has signed in is a cookie of these paths alone.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import quote

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from edge.adapters.web_screen import doors
from edge.core.tech import TechAnswer
from edge.ports import Technician

PATH = "/tech"
PAGE = "/tech.html"
MOST_BYTES = 64 * 1024
MOST_REQUESTS = 8
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_NOT_HERE = "只能在闸机本机上打开 / open this at the gate's own machine"

T = TypeVar("T")
Handler = Callable[[HttpRequest], Coroutine[Any, Any, Response]]


class WebTech:
    """See `edge.ports.TechPages`. Everything but `attend` runs in the screen's event loop."""

    def __init__(self, cookie: str) -> None:
        self._cookie = cookie
        self._technician: Technician | None = None
        self._under_way = 0
        # What is asked may take its time (a PIN, a file): never in the event loop.
        self._workers = ThreadPoolExecutor(4, "tech")

    def attend(self, technician: Technician) -> None:
        """Whom the pages ask from now on."""
        self._technician = technician

    def close(self) -> None:
        """Nobody is answered any more."""
        self._technician = None
        self._workers.shutdown(wait=False, cancel_futures=True)

    def routes(self) -> list[BaseRoute]:
        """All paths of the pages but their files, which hold nothing of the gate."""
        return [
            Route(PATH, self._to_page, methods=["GET"]),
            Route(f"{PATH}/ask", self._local(self._ask), methods=["POST"]),
            Route(f"{PATH}/frame", self._local(self._frame), methods=["GET"]),
            Route(f"{PATH}/file/{{name}}", self._local(self._file), methods=["GET"]),
        ]

    async def _to_page(self, _: HttpRequest) -> Response:
        return RedirectResponse(PAGE)

    def _local(self, handler: Handler) -> Handler:
        async def guarded(http: HttpRequest) -> Response:
            if not is_local(http):
                # Read first: a refusal on bytes unread does not arrive.
                await doors.read_body(http.receive, 0)
                return PlainTextResponse(_NOT_HERE + "\n", 403, {"connection": "close"})
            if self._under_way >= MOST_REQUESTS:
                await doors.read_body(http.receive, 0)
                return JSONResponse({"ok": False, "code": "too_busy"}, 429, {"connection": "close"})
            self._under_way += 1
            try:
                return await handler(http)
            finally:
                self._under_way -= 1

        return guarded

    async def _ask(self, http: HttpRequest) -> Response:
        body = await doors.read_body(http.receive, MOST_BYTES)
        if body is None:
            return JSONResponse({"ok": False, "code": "too_slow"}, 408, {"connection": "close"})
        if http.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
            return JSONResponse({"ok": False, "code": "no_json"}, 415, {"connection": "close"})
        if len(body) > MOST_BYTES:
            return JSONResponse({"ok": False, "code": "too_large"}, 413, {"connection": "close"})
        technician = self._technician
        if technician is None:
            return JSONResponse({"ok": False, "code": "unanswered"}, 503)
        session = http.cookies.get(self._cookie)
        return self._answered(await self._in_a_thread(lambda: technician.ask(body, session)))

    def _answered(self, answer: TechAnswer) -> Response:
        response = JSONResponse(dict(answer.told), answer.status)
        if answer.session is not None:
            response.set_cookie(self._cookie, answer.session, path=PATH, httponly=True, samesite="strict")
        elif answer.ended:
            response.delete_cookie(self._cookie, path=PATH, httponly=True, samesite="strict")
        return response

    async def _frame(self, http: HttpRequest) -> Response:
        technician, after = self._technician, http.query_params.get("after", "0")
        if technician is None or not (after.isascii() and after.isdigit() and len(after) <= 15):
            return Response(status_code=404)
        session = http.cookies.get(self._cookie)
        body = await self._in_a_thread(lambda: technician.frame(session, int(after)))
        return Response(status_code=204) if body is None else Response(body, media_type="application/octet-stream")

    async def _file(self, http: HttpRequest) -> Response:
        technician, name = self._technician, http.path_params["name"]
        if technician is None:
            return Response(status_code=404)
        session = http.cookies.get(self._cookie)
        found = await self._in_a_thread(lambda: technician.file(session, name))
        if found is None:
            return Response(status_code=404)
        disposition = f"attachment; filename*=UTF-8''{quote(found.name)}"
        return Response(found.body, media_type=found.media_type, headers={"content-disposition": disposition})

    async def _in_a_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._workers, work)


def is_local(http: HttpRequest) -> bool:
    """Whether this request was made on this machine, and says so."""
    client = http.client
    try:
        near = client is not None and ip_address(client.host).is_loopback
    except ValueError:
        near = False
    name = http.headers.get("host", "").lower()
    name = name.rpartition(":")[0] if ":" in name and not name.endswith("]") else name
    return near and name in _LOCAL_NAMES and not any(one in http.headers for one in _FORWARDED)
