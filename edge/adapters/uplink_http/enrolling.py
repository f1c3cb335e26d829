"""A gate without a token asks for one: once, with the code that the county gave out (docs/wire.md)."""

import json
from contextlib import closing
from pathlib import Path

from edge.adapters.uplink_http.connection import ANSWER_TIMEOUT_S, CONNECT_TIMEOUT_S, CountyConnection
from edge.core.answer import Answer

_HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}


def enrol(base_url: str, question: dict[str, str], ca_file: Path | None = None, proxy: str | None = None) -> Answer:
    """POST the gate's id, its code and its public key; never raises for what network or server do.

    UplinkError: address or certificates cannot be used.
    """
    county = CountyConnection(base_url, None, ca_file, CONNECT_TIMEOUT_S, ANSWER_TIMEOUT_S, proxy)
    with closing(county):
        return county.ask("POST", "/api/v1/enrol", _HEADERS, json.dumps(question).encode())
