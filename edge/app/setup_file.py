"""Puts answers into a configuration file, line by line: comments, and what was written by hand, stay as they are."""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from edge.app.config_lines import key_lines
from edge.core.errors import ConfigError

# Both the gate and its technician read it; it holds no secret, but where the secrets lie.
MODE = 0o640
OWNER_GROUP = "foregate"

Value = str | int | bool
Answers = Mapping[tuple[str, str], Value | None]


def edited(text: str, answers: Answers) -> str:
    """The text with section.key = value for every answer; None takes the key out. Text and result: valid TOML."""
    # Not splitlines: it takes more for a line's end than TOML does.
    lines = text.removesuffix("\n").split("\n") if text else []
    for (section, key), value in answers.items():
        places = key_lines("\n".join(lines) + "\n")
        at = places.get((section, key))
        if at is not None:
            lines[at - 1 : at] = [] if value is None else [f"{key} = {_toml(value)}"]
        elif value is not None and (section,) in places:
            lines.insert(places[section,], f"{key} = {_toml(value)}")
        elif value is not None:
            lines += ([""] if lines else []) + [f"[{section}]", f"{key} = {_toml(value)}"]
    return "\n".join(lines) + "\n"


def write(path: Path, text: str) -> None:
    """Replace the file whole, readable by root and the services alone. ConfigError: it cannot be written."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(part, "w", encoding="utf-8", opener=_private) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if os.geteuid() == 0 and _is_group(OWNER_GROUP):
            shutil.chown(part, group=OWNER_GROUP)
        os.replace(part, path)
    except OSError as error:
        raise ConfigError(
            f"{path}：无法写入（{error.strerror}）；请用 sudo 运行",
            f"{path}: cannot be written ({error.strerror}); run it with sudo",
        ) from error


def _private(name: str, flags: int) -> int:
    return os.open(name, flags | os.O_TRUNC, MODE)


def _is_group(name: str) -> bool:
    import grp

    try:
        grp.getgrnam(name)
    except KeyError:
        return False
    return True


def _toml(value: Value) -> str:
    # JSON's strings, numbers and booleans are TOML's, but for this one character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
