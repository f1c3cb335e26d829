"""What is sent next, what an answer means, when to try again. No sockets here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from the county: an HTTP status and body (at most 64 KiB), or why nothing came.

    status is None when no complete answer came; `failure` then says why, for the log.
    retry_after_s is the server's wish.
    """

    status: int | None
    body: bytes = b""
    failure: str = ""
    retry_after_s: float | None = None
