"""Reads the county's pages: the cells of a table, tiles, lists and links."""

import re
from html.parser import HTMLParser

from tests.county.gate_client import Answer


class _Tables(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.rows[-1][-1] = " ".join([*self.rows[-1][-1].split(), *data.split()])


def table(answer: Answer) -> list[list[str]]:
    """The cells of the table's rows, without its head."""
    assert answer.status_code == 200
    tables = _Tables()
    tables.feed(answer.content.decode())
    return tables.rows[1:]


def tiles_of(answer: Answer) -> list[str]:
    """The tiles above the table, as HTML."""
    tiles = answer.content.decode().partition('<dl class="tiles">')[2].partition("</dl>")[0]
    return tiles.split("</div>")[:-1]


def lists_of(answer: Answer) -> list[str]:
    """What the page offers to look at, each with its number; the one that is shown has a * before it."""
    links = re.findall(r"<a href=[^>]*?( aria-current=\"page\")?>(.*?)</a>", nav_of(answer, "lists"))
    return [("* " if current else "") + " ".join(re.sub("<[^>]*>", " ", text).split()) for current, text in links]


def nav_of(answer: Answer, name: str) -> str:
    return answer.content.decode().partition(f'<nav class="{name}">')[2].partition("</nav>")[0]
