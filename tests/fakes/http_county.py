"""A county on loopback that keeps what it is given, and misbehaves when it is told to."""

import json
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from edge.core.errors import RecordError
from edge.core.record import fingerprint, parse, sha256

TOKEN = "fgt-test.token_1234"
DRIP_EVERY_S = 0.05
# A drip lasts ten seconds and then is a good answer: who does not give up before sees a success.
DRIP_BYTES = 200


class Handler(BaseHTTPRequestHandler):
    """One connection. `county` is the HttpCounty it belongs to."""

    protocol_version = "HTTP/1.1"
    # Head and body are two writes; without this the second waits 40 ms for the client's delayed ACK.
    disable_nagle_algorithm = True
    county: "HttpCounty"

    def setup(self) -> None:
        super().setup()
        self.county.connections += 1

    def do_PUT(self) -> None:
        county = self.county
        body = self.rfile.read(int(self.headers["Content-Length"]))
        uuid = self.path.rpartition("/")[2]
        with county.lock:
            county.headers = dict(self.headers)
            county.requests.append((self.command, self.path))
            county.offered[uuid] += 1
        behaviour = county.behaviour
        try:
            if behaviour is None:
                self.answer(*county.keep(self.path, uuid, body, self.headers["Authorization"]))
            else:
                behaviour(self, uuid, body)
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


Behaviour = Callable[[Handler, str, bytes], None]


class HttpCounty:
    """`with HttpCounty() as county:`; county.url, and what happened: offered, kept, requests, headers, connections.

    behaviour: None keeps records as docs/wire.md says. certificate: PEM with key, makes it HTTPS.
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

    def keep(self, path: str, uuid: str, body: bytes, authorization: str | None) -> tuple[int, bytes]:
        if authorization != f"Bearer {TOKEN}":
            return 401, said("bad_token")
        try:
            record = parse(body)
        except RecordError:
            return 400, said("not_a_record")
        if path != f"/api/v1/records/{record.uuid}":
            return 400, said("other_uuid")
        with self.lock:
            if self.kept.setdefault(uuid, body) != body:
                return 409, said("uuid_taken")
            self.created[uuid] += 1
        return 201 if self.created[uuid] == 1 else 200, stored(uuid, body)

    def __enter__(self) -> "HttpCounty":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def said(code: str) -> bytes:
    """The county's own words of refusal."""
    return json.dumps({"error": {"code": code, "zh": f"原因 {code}", "en": f"because of {code}"}}).encode()


def stored(uuid: str, body: bytes) -> bytes:
    """The county's own words of having a record."""
    try:
        print_of_it = fingerprint(body)
    except RecordError:
        print_of_it = sha256(body)  # of bytes that are no record, some fingerprint or other
    return json.dumps({"uuid": uuid, "sha256": print_of_it}).encode()


def answers(status: int, body: bytes, **headers: str) -> Behaviour:
    return lambda handler, uuid, record: handler.answer(status, body, **headers)


def says_nothing(handler: Handler, uuid: str, body: bytes) -> None:
    handler.close_connection = True


def speaks_garbage(handler: Handler, uuid: str, body: bytes) -> None:
    handler.wfile.write(b"\x00\xff\x80 no HTTP \r\n\r\n")
    handler.close_connection = True


def closes_mid_body(handler: Handler, uuid: str, body: bytes) -> None:
    handler.send_response(200)
    good = stored(uuid, body)
    handler.send_header("Content-Length", str(len(good) + 100))
    handler.end_headers()
    handler.wfile.write(good)
    handler.close_connection = True


def drips_body(handler: Handler, uuid: str, body: bytes) -> None:
    good = stored(uuid, body).ljust(DRIP_BYTES)
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(good)))
    handler.end_headers()
    _drip(handler, good)


def drips_head(handler: Handler, uuid: str, body: bytes) -> None:
    good = stored(uuid, body)
    _drip(handler, b"HTTP/1.1 200 OK\r\nX-Slow: ".ljust(DRIP_BYTES, b"x"))
    handler.wfile.write(b"\r\nContent-Length: %d\r\n\r\n%s" % (len(good), good))


def drips_chunks(handler: Handler, uuid: str, body: bytes) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    _drip(handler, b"1\r\n \r\n" * (DRIP_BYTES // 6))
    good = stored(uuid, body)
    handler.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(good), good))


def sends_too_much(handler: Handler, uuid: str, body: bytes) -> None:
    """A good answer, followed by blanks without end (until the gate hangs up)."""
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(stored(uuid, body))
    while True:
        handler.wfile.write(b" " * 65_536)


def redirects_without_end(to_url: str) -> Behaviour:
    """To another address, with a body that only ends when the gate hangs up."""

    def redirect(handler: Handler, uuid: str, body: bytes) -> None:
        handler.send_response(307)
        handler.send_header("Location", f"{to_url}/api/v1/records/{uuid}")
        handler.end_headers()
        while True:
            handler.wfile.write(b" " * 65_536)

    return redirect


def _drip(handler: Handler, data: bytes) -> None:
    never = threading.Event()
    for n in range(len(data)):
        handler.wfile.write(data[n : n + 1])
        never.wait(DRIP_EVERY_S)
