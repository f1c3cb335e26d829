"""A county on loopback that keeps what it is given, and misbehaves when it is told to."""

import gzip
import json
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from edge.core.record import fingerprint, parse
from tests.fakes.uplink import words

TOKEN = "fgt-test.token_1234"
DRIP_EVERY_S = 0.005
# A drip lasts ten seconds and then is a good answer: who does not give up before sees a success.
DRIP_BYTES = 2_000


class Handler(BaseHTTPRequestHandler):
    """One connection. `county` is the HttpCounty it belongs to."""

    protocol_version = "HTTP/1.1"
    # Head and body are two writes; without this the second waits 40 ms for the client's delayed ACK.
    disable_nagle_algorithm = True
    county: "HttpCounty"

    def setup(self) -> None:
        super().setup()
        self.county.connections += 1

    def do_POST(self) -> None:
        county = self.county
        body = self.rfile.read(int(self.headers["Content-Length"]))
        bodies = unpacked(body) if self.path.endswith("/records") else [body]
        with county.lock:
            county.headers = dict(self.headers)
            county.requests.append((self.command, self.path))
            if self.path.endswith("/records"):
                county.offered.update(parse(one).uuid for one in bodies)
        behaviour = county.behaviour
        try:
            if behaviour is not None:
                behaviour(self, bodies)
            elif self.path.endswith("/enrol"):
                self.answer(*county.enrol(body))
            elif self.headers["Authorization"] != f"Bearer {TOKEN}":
                self.answer(401, said("bad_token"))
            elif self.path.endswith("/status"):
                county.statuses.append(json.loads(body))
                self.answer(200, json.dumps({"head": None, "missing": county.lacking}).encode())
            else:
                self.answer(200, county.keep(bodies))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the gate gave up, as it should

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True  # the gate was killed

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: pytest shows what matters."""


Behaviour = Callable[[Handler, list[bytes]], None]


class HttpCounty:
    """`with HttpCounty() as county:`; county.url, and what happened: offered, kept, requests, headers, connections.

    behaviour: None keeps records as docs/wire.md says. lacking: what it says is missing. codes: gate id -> the code it
    may enrol with, once; enrolled: who has, with what key. certificate: PEM with key, makes it HTTPS.
    """

    def __init__(self, certificate: str | None = None, port: int = 0) -> None:
        self.lock = threading.Lock()
        self.behaviour: Behaviour | None = None
        self.offered: Counter[str] = Counter()
        self.kept: dict[str, bytes] = {}
        self.created: Counter[str] = Counter()
        self.requests: list[tuple[str, str]] = []
        self.headers: dict[str, str] = {}
        self.connections = 0
        self.statuses: list[Any] = []
        self.lacking: list[list[int]] = []
        self.codes: dict[str, str] = {}
        self.enrolled: dict[str, str] = {}
        handler = type("BoundHandler", (Handler,), {"county": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port = self._server.server_address[1]
        self.url = f"{'http' if certificate is None else 'https'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def keep(self, bodies: list[bytes]) -> bytes:
        lines: list[Any] = []
        with self.lock:
            for number, body in enumerate(bodies, 1):
                uuid = parse(body).uuid
                if self.kept.setdefault(uuid, body) != body:
                    lines.append({"line": number, "error": words("uuid_taken")})
                    continue
                self.created[uuid] += 1
                lines.append({"uuid": uuid, "sha256": fingerprint(body), "status": "created"})
        return json.dumps({"answers": lines, "missing": [], "head": None}).encode()

    def enrol(self, body: bytes) -> tuple[int, bytes]:
        asked = json.loads(body)
        if asked["gate_id"] in self.enrolled:
            return 403, said("code_used")
        if self.codes.get(asked["gate_id"]) != asked["code"]:
            return 403, said("code_unknown")
        self.enrolled[asked["gate_id"]] = asked["public_key"]
        return 201, json.dumps({"token": TOKEN}).encode()

    def __enter__(self) -> "HttpCounty":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def unpacked(body: bytes) -> list[bytes]:
    """The records of a batch as it was sent."""
    return gzip.decompress(body).removesuffix(b"\n").split(b"\n")


def said(code: str) -> bytes:
    """The county's own words of refusal."""
    return json.dumps({"error": words(code)}).encode()


def stored(bodies: Sequence[bytes]) -> bytes:
    """The county's own words of having these records."""
    lines = [{"uuid": parse(body).uuid, "sha256": fingerprint(body), "status": "created"} for body in bodies]
    return json.dumps({"answers": lines, "missing": [], "head": None}).encode()


def answers(status: int, body: bytes, **headers: str) -> Behaviour:
    return lambda handler, bodies: handler.answer(status, body, **headers)


def says_nothing(handler: Handler, bodies: list[bytes]) -> None:
    handler.close_connection = True


def speaks_garbage(handler: Handler, bodies: list[bytes]) -> None:
    handler.wfile.write(b"\x00\xff\x80 no HTTP \r\n\r\n")
    handler.close_connection = True


def closes_mid_body(handler: Handler, bodies: list[bytes]) -> None:
    handler.send_response(200)
    good = stored(bodies)
    handler.send_header("Content-Length", str(len(good) + 100))
    handler.end_headers()
    handler.wfile.write(good)
    handler.close_connection = True


def drips_body(handler: Handler, bodies: list[bytes]) -> None:
    good = stored(bodies).ljust(DRIP_BYTES)
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(good)))
    handler.end_headers()
    _drip(handler, good)


def drips_head(handler: Handler, bodies: list[bytes]) -> None:
    good = stored(bodies)
    _drip(handler, b"HTTP/1.1 200 OK\r\nX-Slow: ".ljust(DRIP_BYTES, b"x"))
    handler.wfile.write(b"\r\nContent-Length: %d\r\n\r\n%s" % (len(good), good))


def drips_chunks(handler: Handler, bodies: list[bytes]) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    _drip(handler, b"1\r\n \r\n" * (DRIP_BYTES // 6))
    good = stored(bodies)
    handler.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(good), good))


def sends_too_much(handler: Handler, bodies: list[bytes]) -> None:
    """A good answer, followed by blanks without end (until the gate hangs up)."""
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(stored(bodies))
    while True:
        handler.wfile.write(b" " * 65_536)


def redirects_without_end(to_url: str) -> Behaviour:
    """To another address, with a body that only ends when the gate hangs up."""

    def redirect(handler: Handler, bodies: list[bytes]) -> None:
        handler.send_response(307)
        handler.send_header("Location", f"{to_url}/api/v1/records")
        handler.end_headers()
        while True:
            handler.wfile.write(b" " * 65_536)

    return redirect


def _drip(handler: Handler, data: bytes) -> None:
    never = threading.Event()
    for n in range(len(data)):
        handler.wfile.write(data[n : n + 1])
        never.wait(DRIP_EVERY_S)
