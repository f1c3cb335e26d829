"""One JSON object out of bytes that anybody may have sent: each key once, no NaN, at most so deep and so long."""

import json
from typing import Any


def read_object(body: bytes, most_bytes: int) -> dict[str, Any] | None:
    """The object; None: these bytes are none."""
    if len(body) > most_bytes:
        return None
    try:
        found = json.loads(body.decode("utf-8"), object_pairs_hook=_each_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two readers of the same text could otherwise see two different requests."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands there twice")
    return found


def _no_number(constant: str) -> float:
    raise ValueError(f"{constant} is no number of JSON")
