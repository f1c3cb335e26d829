"""The way to the county over HTTPS: records go up, the roster comes down (docs/wire.md)."""

from edge.adapters.uplink_http.connection import MAX_ANSWER_BYTES
from edge.adapters.uplink_http.records import HttpUplink
from edge.adapters.uplink_http.roster import HttpRosterFeed
from edge.adapters.uplink_http.token import read_token

__all__ = ["MAX_ANSWER_BYTES", "HttpRosterFeed", "HttpUplink", "read_token"]
