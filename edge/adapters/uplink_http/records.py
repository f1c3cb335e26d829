"""Records and status go up: batches of JSON lines, compressed (docs/wire.md)."""

import gzip
from collections.abc import Sequence
from pathlib import Path

from edge.adapters.uplink_http.connection import ANSWER_TIMEOUT_S, CONNECT_TIMEOUT_S, CountyConnection
from edge.core.answer import Answer

_BATCH_HEADERS = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip", "Accept": "application/json"}
_STATUS_HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}
# Half of a body are fingerprints and signatures, which no level makes smaller; more effort costs the board only.
_LEVEL = 4


class HttpUplink:
    """Offers records to the county's server; see `edge.ports.Uplink`. For one thread.

    base_url: https://…, plain http only to this very machine. ca_file: the only certificates to trust (PEM), None: the
    public ones. proxy: http://host:port, for https alone. connect_timeout_s per address and for each 16 KiB;
    answer_timeout_s from the sent batch to the answer's last byte.
    UplinkError: address, token or certificates cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        ca_file: Path | None = None,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        answer_timeout_s: float = ANSWER_TIMEOUT_S,
        proxy: str | None = None,
    ) -> None:
        self._county = CountyConnection(base_url, token, ca_file, connect_timeout_s, answer_timeout_s, proxy)

    def __repr__(self) -> str:
        return f"HttpUplink({self._county.base_url!r})"

    def send(self, bodies: Sequence[bytes]) -> Answer:
        """Offer records, one a line; returns within the time that sending takes plus answer time, plus name lookup."""
        lines = b"".join(body + b"\n" for body in bodies)
        packed = gzip.compress(lines, _LEVEL, mtime=0)
        return self._county.ask("POST", "/api/v1/records", _BATCH_HEADERS, packed)

    def status(self, body: bytes) -> Answer:
        """Tell how the gate is."""
        return self._county.ask("POST", "/api/v1/status", _STATUS_HEADERS, body)

    def close(self) -> None:
        """Give the connection back. May be called twice."""
        self._county.close()
