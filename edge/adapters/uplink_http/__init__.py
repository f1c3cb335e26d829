"""The way to the county over HTTPS: enrolment once, records and status up, the roster down (docs/wire.md)."""

from edge.adapters.uplink_http.connection import MAX_ANSWER_BYTES
from edge.adapters.uplink_http.enrolling import enrol
from edge.adapters.uplink_http.records import HttpUplink
from edge.adapters.uplink_http.roster import HttpRosterFeed
from edge.adapters.uplink_http.token import check_place, is_token, read_token, write_token

__all__ = [
    "MAX_ANSWER_BYTES",
    "HttpRosterFeed",
    "HttpUplink",
    "check_place",
    "enrol",
    "is_token",
    "read_token",
    "write_token",
]
