"""The page's files and words, read once: nothing that a browser asks for ever reaches the disk."""

import hashlib
import json
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Any

from edge.core.texts import (
    ANSWERS,
    ASKS,
    EVENTS,
    FAULTS,
    OVERRIDES,
    REASONS,
    REFERENCES,
    STATUSES,
    STEPS,
    SYMPTOMS,
    VERDICTS,
    Text,
)

# The guard's page's words, and the technician's pages', by the name under which they know them.
WORDS = {"words.json": "page", "tech_words.json": "tech"}
# The catalogues of the gate, by the name under which the page knows them.
SAID: dict[str, dict[str, Text]] = {
    "verdicts": VERDICTS,
    "reasons": REASONS,
    "statuses": STATUSES,
    "references": REFERENCES,
    "faults": FAULTS,
    "events": EVENTS,
    "asks": ASKS,
    "symptoms": SYMPTOMS,
    "overrides": OVERRIDES,
    "steps": STEPS,
    "answers": ANSWERS,
}
_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "json": "application/json",
}


@dataclass(frozen=True, slots=True)
class Page:
    """One file as it is served."""

    body: bytes
    media_type: str


def pages() -> dict[str, Page]:
    """All that is served, by path: the files of web_static and /texts.json, the words of the pages and of the gate."""
    served: dict[str, Page] = {}
    words: dict[str, Any] = {}
    for file in resources.files("edge.adapters").joinpath("web_static").iterdir():
        kind = file.name.rpartition(".")[2]
        if file.name in WORDS:
            words[WORDS[file.name]] = json.loads(file.read_bytes())
        elif kind in _TYPES:
            path = "/" if file.name == "index.html" else "/" + file.name
            served[path] = Page(file.read_bytes(), _TYPES[kind])
    texts = {group: {code: asdict(text) for code, text in codes.items()} for group, codes in SAID.items()}
    catalogue = json.dumps({**texts, **words}, ensure_ascii=False).encode()
    served["/texts.json"] = Page(catalogue, _TYPES["json"])
    return served


def edition(served: dict[str, Page]) -> str:
    """A fingerprint of everything served; a page that is open while the gate is updated sees that it is the old one."""
    digest = hashlib.sha256()
    for path in sorted(served):
        digest.update(path.encode() + b"\0" + served[path].body + b"\0")
    return digest.hexdigest()[:16]
