"""Records go up: one PUT each (docs/wire.md)."""

from pathlib import Path

from edge.adapters.uplink_http.connection import ANSWER_TIMEOUT_S, CONNECT_TIMEOUT_S, CountyConnection
from edge.core.outbox import Answer

_HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}


class HttpUplink:
    """Offers records to the county's server; see `edge.ports.Uplink`. For one thread.

    base_url: https://…, plain http only to this very machine. ca_file: certificates to trust (PEM), None: the public
    ones. connect_timeout_s per address; answer_timeout_s from the sent record to the answer's last byte.
    UplinkError: address, token or certificates cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        ca_file: Path | None = None,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        answer_timeout_s: float = ANSWER_TIMEOUT_S,
    ) -> None:
        self._county = CountyConnection(base_url, token, ca_file, connect_timeout_s, answer_timeout_s)

    def __repr__(self) -> str:
        return f"HttpUplink({self._county.base_url!r})"

    def put(self, uuid: str, body: bytes) -> Answer:
        """Offer one record; returns within connect time (per address) plus answer time, plus name resolution."""
        return self._county.ask("PUT", f"/api/v1/records/{uuid}", _HEADERS, body)

    def close(self) -> None:
        """Give the connection back. May be called twice."""
        self._county.close()
