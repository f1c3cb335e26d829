"""Reads a configuration file and the command line's `--set`, and refuses both with file, line and remedy."""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from edge.app.config import Config, RosterSection, StoreSection
from edge.app.config_errors import Problem, problems
from edge.app.config_lines import Key, key_lines, line_of
from edge.app.config_screen import TabletSection
from edge.core.errors import ConfigError

PATH_KEYS = (
    ("camera", "path"),
    ("sim", "truth_file"),
    ("store", "path"),
    ("guards", "path"),
    ("calibration", "path"),
    ("county", "token_file"),
    ("county", "ca_file"),
    ("roster", "path"),
    ("roster", "key_file"),
    ("tablet", "certificate"),
    ("tablet", "key"),
)
_FULL_WIDTH = re.compile("[“”‘’＂＇＝［］｛｝，。：＃]")


def load(path: Path | None = None, overrides: Iterable[str] = ()) -> Config:
    """The configuration of this file (None: the defaults), with `section.key=value` overrides on top.

    Relative paths are relative to the file; those of an override to the current folder.
    ConfigError: every problem at once, each with its place and its remedy.
    """
    text = "" if path is None else _text(path)
    document = {} if path is None else _parsed(text, path)
    # A default path lies beside the file too: not wherever the service happens to be started.
    if isinstance(store := document.setdefault("store", {}), dict):
        store.setdefault("path", str(StoreSection().path))
    if isinstance(roster := document.get("roster"), dict):
        roster.setdefault("path", str(RosterSection.model_fields["path"].default))
    if isinstance(tablet := document.get("tablet"), dict):
        for key in ("certificate", "key"):
            tablet.setdefault(key, str(TabletSection.model_fields[key].default))
    _resolve(document, Path.cwd() if path is None else path.absolute().parent)
    places: dict[Key, str] = {}
    refused: list[tuple[str, str]] = []
    for override in overrides:
        try:
            _override(document, places, override)
        except ConfigError as error:
            refused.append((error.zh, error.en))
    lines = key_lines(text)
    try:
        config = Config.model_validate(document)
    except ValidationError as error:
        found = sorted(problems(error, Config), key=lambda problem: line_of(lines, problem.key) or 0)
        refused += [_told(problem, path, lines, places) for problem in found]
    if refused:
        raise ConfigError("\n".join(zh for zh, _ in refused), "\n".join(en for _, en in refused))
    return config


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise ConfigError(
            f"{path}：找不到配置文件；可用 foregate config > {path} 生成一份",
            f"{path}: no such configuration file; `foregate config > {path}` writes one",
        ) from error
    except OSError as error:
        raise ConfigError(
            f"{path}：无法读取（{error.strerror}）；请检查路径和权限",
            f"{path}: cannot be read ({error.strerror}); check the path and its permissions",
        ) from error
    try:
        # Windows editors begin a file with a byte order mark, which TOML knows nothing of.
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"{path}:{line}：不是 UTF-8 文字；请用 UTF-8 编码另存",
            f"{path}:{line}: is not UTF-8; save the file as UTF-8",
        ) from error


def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)\Z", str(error))
        what = str(error)[: place.start()] if place else str(error)
        line = int(place[1]) if place and place[1] else max(1, len(text.splitlines()))
        column = f":{place[2]}" if place and place[2] else ""
        row = (text.splitlines() or [""])[min(line, len(text.splitlines()) or 1) - 1]
        zh, en = "请检查引号、等号和括号", "check quotes, equals sign and brackets"
        if _FULL_WIDTH.search(row):
            zh, en = "请把全角标点改为半角", "replace the full-width punctuation by plain ASCII"
        raise ConfigError(
            f"{path}:{line}{column}：不是有效的 TOML（{what}）；{zh}", f"{path}:{line}{column}: no TOML ({what}); {en}"
        ) from error


def _resolve(document: dict[str, Any], base: Path) -> None:
    for section, key in PATH_KEYS:
        table = document.get(section)
        if isinstance(table, dict) and isinstance(table.get(key), str) and table[key]:
            table[key] = str(base / Path(table[key]).expanduser())


def _override(document: dict[str, Any], places: dict[Key, str], override: str) -> None:
    name, equals, written = override.partition("=")
    try:
        key = _key(name) if equals else ()
    except tomllib.TOMLDecodeError:
        key = ()
    if not key:
        raise ConfigError(
            f"--set {override}：请写成 --set 节.键=值，例如 --set camera.rotation_deg=90",
            f"--set {override}: write --set section.key=value, for example --set camera.rotation_deg=90",
        )
    table = document
    for part in key[:-1]:
        if not isinstance(table.get(part), dict):
            table[part] = {}
        table = table[part]
    table[key[-1]] = _override_value(written)
    places[tuple(key)] = f"--set {name.strip()}"
    if tuple(key) in PATH_KEYS:
        _resolve(document, Path.cwd())


def _key(name: str) -> list[str]:
    found: Any = tomllib.loads(f"{name} = 0") if "\n" not in name else {}
    key = []
    while isinstance(found, dict) and len(found) == 1:
        part, found = next(iter(found.items()))
        key.append(part)
    return key


def _override_value(written: str) -> Any:
    """A TOML value; anything else is taken as a bare string."""
    try:
        found = tomllib.loads(f"value = {written}")
    except tomllib.TOMLDecodeError:
        return written.strip()
    return found["value"] if found.keys() == {"value"} else written.strip()


def _told(problem: Problem, path: Path | None, lines: dict[Key, int], places: dict[Key, str]) -> tuple[str, str]:
    name = ".".join(map(str, problem.key))
    for length in range(len(problem.key), 0, -1):
        if problem.key[:length] in places:
            place = places[problem.key[:length]]
            return f"{place}：{name} {problem.zh}", f"{place}: {name} {problem.en}"
    line = line_of(lines, problem.key)
    place = "配置" if path is None else str(path) if line is None else f"{path}:{line}"
    place_en = "configuration" if path is None else place
    return f"{place}：{name} {problem.zh}", f"{place_en}: {name} {problem.en}"
