"""The pages' bar: where each role may go. An app adds its page here, once its address is in county/urls.py."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from edge.core.texts import Text

EVERYBODY = ("officer", "school", "technician", "auditor")


@dataclass(frozen=True, slots=True)
class Entry:
    """A place to go: the name of its address in county/urls.py, what it is called, which roles see it."""

    name: str
    text: Text
    roles: tuple[str, ...] = EVERYBODY


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as a page shows it. current: the page is it, or lies below it."""

    url: str
    text: Text
    current: bool


# In the order of a day's work.
ENTRIES = (
    Entry("gates", Text("今日", "Today")),
    Entry("fleet", Text("设备", "Fleet"), ("officer", "technician", "auditor")),
    Entry("reports", Text("日报", "Daily reports"), ("officer", "school", "auditor")),
    Entry("rosters", Text("名单", "Rosters"), ("officer", "school", "auditor")),
    Entry("settings", Text("设置", "Settings"), ("officer", "technician", "auditor")),
    Entry("looks", Text("查看记录", "Access log"), ("auditor",)),
    Entry("account", Text("我的账号", "My account")),
)


def links(role: str, path: str, entries: Sequence[Entry] = ENTRIES) -> list[Link]:
    """The links for this role on the page at this path; at most one of them is the current one."""
    seen = [(reverse(entry.name), entry) for entry in entries if role in entry.roles]
    # The longest address that the path begins with; "/" begins all of them and means itself and the gates alone.
    above = [url for url, _ in seen if _lies_below(path, url)]
    current = max(above, key=len, default=None)
    return [Link(url, entry.text, url == current) for url, entry in seen]


def _lies_below(path: str, url: str) -> bool:
    if url == "/":
        return path == "/" or path.startswith("/gates/")
    return path == url or path.startswith(url.rstrip("/") + "/")
