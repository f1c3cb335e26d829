"""The roster comes down: one GET that the county answers with a file, or with nothing newer (docs/wire.md)."""

from collections.abc import Callable
from pathlib import Path

from edge.adapters.uplink_http.connection import CONNECT_TIMEOUT_S, CountyConnection
from edge.core.answer import Answer

# The largest roster over a line of one megabit a second.
DOWNLOAD_TIMEOUT_S = 600.0
_HEADERS = {"Accept": "application/octet-stream, application/json"}


class HttpRosterFeed:
    """Asks the county's server for newer rosters; see `edge.ports.RosterFeed`. For one thread.

    As HttpUplink; answer_timeout_s from the sent question to the roster's last byte.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        ca_file: Path | None = None,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        answer_timeout_s: float = DOWNLOAD_TIMEOUT_S,
        proxy: str | None = None,
    ) -> None:
        self._county = CountyConnection(base_url, token, ca_file, connect_timeout_s, answer_timeout_s, proxy)

    def __repr__(self) -> str:
        return f"HttpRosterFeed({self._county.base_url!r})"

    def fetch(self, version: int, issued_utc_ms: int, write: Callable[[bytes], None]) -> Answer:
        """Ask for a roster newer than this one; what `write` refuses (RosterError) ends the download."""
        path = f"/api/v1/roster?version={version}&issued={issued_utc_ms}"
        return self._county.ask("GET", path, _HEADERS, take=write)

    def close(self) -> None:
        """Give the connection back. May be called twice."""
        self._county.close()
