"""Roster and settings come down: one GET that the county answers with a file, or with nothing newer (docs/wire.md)."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from edge.adapters.uplink_http.connection import CONNECT_TIMEOUT_S, CountyConnection
from edge.core.answer import Answer

# The largest roster over a line of one megabit a second.
DOWNLOAD_TIMEOUT_S = 600.0
_HEADERS = {"Accept": "application/octet-stream, application/json"}


class HttpRosterFeed:
    """Asks the county's server for newer rosters, or settings; see `edge.ports.RosterFeed`. For one thread.

    As HttpUplink; answer_timeout_s from the sent question to the file's last byte.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        ca_file: Path | None = None,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        answer_timeout_s: float = DOWNLOAD_TIMEOUT_S,
        proxy: str | None = None,
        what: Literal["roster", "settings"] = "roster",
    ) -> None:
        self._what = what
        self._county = CountyConnection(base_url, token, ca_file, connect_timeout_s, answer_timeout_s, proxy)

    def __repr__(self) -> str:
        return f"HttpRosterFeed({self._county.base_url!r})"

    def fetch(self, version: int, issued_utc_ms: int, write: Callable[[bytes], None]) -> Answer:
        """Ask for one newer than this; what `write` refuses (a ForegateError) ends the download."""
        path = f"/api/v1/{self._what}?version={version}"
        if self._what == "roster":
            # The same version is issued anew, so that it does not grow old.
            path += f"&issued={issued_utc_ms}"
        return self._county.ask("GET", path, _HEADERS, take=write)

    def close(self) -> None:
        """Give the connection back. May be called twice."""
        self._county.close()
