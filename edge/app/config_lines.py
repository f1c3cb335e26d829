"""Where in a TOML file a key stands: tomllib tells values but no lines, and a refusal without a line is a search.

The text has been read by tomllib already, so that this scanner may trust its grammar: it only has to tell keys from
values, and strings and comments from both.
"""

import re
import tomllib
from collections.abc import Iterator

Key = tuple[str | int, ...]

_TOKEN = re.compile(
    r"""(?P<skip>[ \t\r]+|\#[^\n]*)
      | (?P<newline>\n)
      | (?P<string>\"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5} | \"(?:\\.|[^\"\\\n])*\" | '[^'\n]*')
      | (?P<bare>[A-Za-z0-9_-]+)
      | (?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)


def key_lines(text: str) -> dict[Key, int]:
    """The line (from 1) of every table and key of a valid TOML text; tables in arrays carry their index in the key.

    Keys inside an inline table are not listed: ask `line_of`, which falls back to the key that holds them.
    """
    lines: dict[Key, int] = {}
    elements: dict[Key, int] = {}
    table: Key = ()
    for parts, line, brackets in _statements(text):
        if brackets == 0:
            _note(lines, table, parts, line)
            continue
        table = _inside(parts[:-1], elements) + parts[-1:]
        if brackets == 2:
            elements[table] = elements.get(table, -1) + 1
        lines.setdefault(table, line)
        if table in elements:
            table = (*table, elements[table])
            lines[table] = line
    return lines


def line_of(lines: dict[Key, int], key: Key) -> int | None:
    """The line of this key, or of the nearest table above it that the file names; None when it names none."""
    for length in range(len(key), 0, -1):
        if key[:length] in lines:
            return lines[key[:length]]
    return None


def _note(lines: dict[Key, int], table: Key, parts: Key, line: int) -> None:
    for length in range(1, len(parts) + 1):
        lines.setdefault(table + parts[:length], line)


def _inside(parts: Key, elements: dict[Key, int]) -> Key:
    # [a.b] below [[a]] means the b of the last a.
    path: Key = ()
    for part in parts:
        path = (*path, part)
        if path in elements:
            path = (*path, elements[path])
    return path


def _statements(text: str) -> Iterator[tuple[Key, int, int]]:
    """Each `key = value` and each header: its key's parts, its line, and how many brackets stood before it."""
    parts: list[str | int] = []
    brackets, depth, line, in_value = 0, 0, 1, False
    for token in _TOKEN.finditer(text):
        kind, word = token.lastgroup, token.group()
        if in_value:
            depth += (word in ("[", "{")) - (word in ("]", "}"))
            in_value = depth > 0 or kind != "newline"
        elif kind in ("bare", "string"):
            parts.append(_unquoted(word))
        elif word == "[":
            brackets += 1
        elif parts and word in ("=", "]"):
            yield tuple(parts), line, brackets
            # What is left of a header's line, a second bracket and a comment, is passed over like a value.
            parts, brackets, in_value, depth = [], 0, True, 0
            depth = 1 if word == "]" and text.startswith("]", token.end()) else 0
        line += word.count("\n")


def _unquoted(word: str) -> str:
    return str(tomllib.loads(f"key = {word}")["key"]) if word[0] in "\"'" else word
