"""The guard's requests on their way from the page to the gate's loop, and the answers on their way back.

A request is POSTed as JSON to /desk by the gate's own page (doors.py sees to that) and waits for the gate's loop; who
has signed in is a cookie that no script can read and no other site's page can make the browser send. GET /desk says
who that is.

The gate alone knows whether a session holds. What is kept here is the name that belongs to it, for the page to show.
"""

import asyncio
import contextlib
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response

from edge.adapters.web_screen import doors
from edge.core.desk import MOST_BYTES, Answer, Command, Request, SignIn, SignInByBadge, SignOut, parse

PATH = "/desk"
# A sign-in by badge waits 15 s for the badge; the page is told something whatever the gate does.
ANSWER_WITHIN_S = 20.0
MOST_REQUESTS = 8
MOST_SESSIONS = 16
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,128}")


@dataclass(frozen=True, slots=True)
class _Signed:
    """Who has signed in with a session, as far as that was told, and until when it holds unless they act."""

    guard_id: str
    until_s: float


class WebDesk:
    """All requests of one screen. Everything but `take` runs in the screen's event loop."""

    def __init__(self, cookie: str, sign_in_s: float, now_s: Callable[[], float], remote: bool = False) -> None:
        self._cookie, self._sign_in_s, self._now_s, self._remote = cookie, sign_in_s, now_s, remote
        # On a tablet the live feed asks for it too.
        self._path = "/" if remote else PATH
        self._lock = threading.Lock()
        self._waiting: list[Request] = []
        self._answers: set[asyncio.Future[Answer | None]] = set()
        self._under_way = 0
        self._signed: dict[str, _Signed] = {}

    def take(self) -> tuple[Request, ...]:
        """Requests since the last call; from the gate's loop."""
        with self._lock:
            taken, self._waiting = tuple(self._waiting), []
        return taken

    def close(self) -> None:
        """Nobody is answered by the gate any more."""
        for answer in self._answers:
            _settle(answer, None)

    async def who(self, http: HttpRequest) -> Response:
        """GET: who has signed in."""
        return JSONResponse(self._about(self.session(http)))

    async def ask(self, http: HttpRequest) -> Response:
        """POST: one command for the gate."""
        if self._under_way >= MOST_REQUESTS:
            await _read(http)
            return self._refused(http, 429, "too_busy")
        self._under_way += 1
        try:
            body = await _read(http)
            if isinstance(body, tuple):
                return self._refused(http, *body)
            command = parse(body)
            if isinstance(command, str):
                return self._refused(http, 400, command)
            if self._remote and isinstance(command, SignInByBadge):
                # Whoever waits for it in the network would be given the next guard's badge.
                return self._refused(http, 403, "pin_here")
            session = self.session(http)
            answer = await self.put(command, session)
            if answer is None:
                return self._refused(http, 504, "unanswered")
            return self._answered(http, command, session, answer)
        finally:
            self._under_way -= 1

    async def put(self, command: Command, session: str | None) -> Answer | None:
        """Hand it to the gate's loop; its answer, or None when none came in time."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer | None] = loop.create_future()

        def give(given: Answer) -> None:
            # The loop is closed when the screen has gone; then nobody waits for this.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_settle, answer, given)

        request = Request(command, session, self._now_s(), give, self._remote)
        with self._lock:
            self._waiting.append(request)
        self._answers.add(answer)
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                return await answer
        except TimeoutError:
            return None
        finally:
            self._answers.discard(answer)
            with self._lock:
                # What the gate has not taken by now is never done behind the guard's back.
                self._waiting = [waiting for waiting in self._waiting if waiting is not request]

    def _answered(self, http: HttpRequest, command: Command, session: str | None, answer: Answer) -> Response:
        ended = answer.code == "sign_in_first" or (answer.ok and isinstance(command, SignOut))
        if answer.session is not None:
            guard_id = answer.guard_id or (command.guard_id if isinstance(command, SignIn) else "")
            self._remember(answer.session, guard_id)
        elif session is not None and ended:
            self._signed.pop(session, None)
        elif session in self._signed:
            self._remember(session, self._signed[session].guard_id)
        told = {"ok": answer.ok, "code": answer.code, **self._about(answer.session or session)}
        response = JSONResponse(told)
        secure = http.headers["origin"].startswith("https://")
        if answer.session is not None:
            response.set_cookie(
                self._cookie, answer.session, path=self._path, secure=secure, httponly=True, samesite="strict"
            )
        elif ended:
            response.delete_cookie(self._cookie, path=self._path, secure=secure, httponly=True, samesite="strict")
        return response

    def _refused(self, http: HttpRequest, status: int, code: str) -> Response:
        told = {"ok": False, "code": code, **self._about(self.session(http))}
        # Something of the body may be left, so nothing can follow on this connection.
        return JSONResponse(told, status_code=status, headers={"connection": "close"})

    def session(self, http: HTTPConnection) -> str | None:
        """The secret that this request brings along; only the gate knows what it is worth."""
        secret = http.cookies.get(self._cookie, "")
        return secret if _SECRET.fullmatch(secret) else None

    def _remember(self, session: str, guard_id: str) -> None:
        self._signed.pop(session, None)
        while len(self._signed) >= MOST_SESSIONS:
            del self._signed[next(iter(self._signed))]
        self._signed[session] = _Signed(guard_id, self._now_s() + self._sign_in_s)

    def _about(self, session: str | None) -> dict[str, str | float | None]:
        signed = self._signed.get(session or "")
        left_s = None if signed is None else signed.until_s - self._now_s()
        if signed is None or left_s is None or left_s <= 0:
            return {"guard": None, "left_s": None}
        return {"guard": signed.guard_id, "left_s": left_s}


async def _read(http: HttpRequest) -> bytes | tuple[int, str]:
    """The body; or the status and the code of texts.ANSWERS with which it is refused."""
    body = await doors.read_body(http.receive, MOST_BYTES)
    if body is None:
        return 408, "too_slow"
    if http.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        return 415, "no_json"
    return (413, "too_large") if len(body) > MOST_BYTES else body


def _settle(answer: "asyncio.Future[Answer | None]", given: Answer | None) -> None:
    """The first answer counts; whoever stopped waiting gets none."""
    if not answer.done():
        answer.set_result(given)
