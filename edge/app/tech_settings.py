"""The configuration as a technician's page changes it: checked by its own rules, shown as a diff, kept with versions.

A change keeps every comment and every line that is not meant (tomlkit). What was there before each change lies in
`settings.d` beside the records; going back is a change like any other. The gate goes by it after a restart.
"""

import difflib
import hashlib
import json
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from tomlkit.exceptions import TOMLKitError

from edge.app.config import Config
from edge.app.config_errors import problems
from edge.app.tech_keys import CHANGEABLE, Setting, changed, setting
from edge.core.errors import ConfigError
from edge.core.texts import Text

MOST_VERSIONS = 50
MOST_BYTES = 1_000_000
# With microseconds: two changes of one second stand in their order.
_VERSION = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Checked:
    """What changes would come to: problems by key, or the lines that differ and the new text."""

    problems: tuple[tuple[str, Text], ...] = ()
    diff: tuple[str, ...] = ()
    text: str = ""


class TechSettings:
    """Of one gate. pinned: keys that somebody else decides (the county, the command line), and who that is."""

    def __init__(self, path: Path, versions: Path, pinned: Callable[[], Mapping[str, Text]]) -> None:
        self._path, self._versions, self._pinned = path, versions, pinned
        self._running = fingerprint(self._text())

    @property
    def restart_needed(self) -> bool:
        """Whether the gate goes by another text than the file holds."""
        return fingerprint(self._text()) != self._running

    def base(self) -> str:
        """The fingerprint of what there is now; a change names the one that it was made from."""
        return fingerprint(self._text())

    def settings(self) -> list[Setting]:
        """Every changeable key. ConfigError: the file cannot be read."""
        document = _document(self._text())
        try:
            config: Config | None = Config.model_validate(document)
        except ValidationError:
            config = None
        pinned = self._pinned()
        return [setting(section, key, document, config, pinned) for section, keys in CHANGEABLE.items() for key in keys]

    def check(self, changes: Mapping[str, str]) -> Checked:
        """What these changes (key -> TOML value as typed, empty: back to the default) would come to."""
        before = self._text()
        try:
            after, refused = changed(before, changes, self._pinned())
        except TOMLKitError as error:
            return Checked((("", Text(f"配置文件无法改写（{error}）", f"the file cannot be changed ({error})")),))
        if refused:
            return Checked(tuple(refused))
        try:
            Config.model_validate(_document(after))
        except ValidationError as error:
            found = problems(error, Config)
            return Checked(tuple((".".join(map(str, one.key)), Text(one.zh, one.en)) for one in found))
        return Checked((), _diff(before, after), after)

    def save(self, changes: Mapping[str, str], base: str, who: str) -> Checked:
        """Check and write. ConfigError: somebody else changed the file, or it cannot be written."""
        self._same(base)
        checked = self.check(changes)
        if not checked.problems and checked.diff:
            self._write(checked.text, who)
        return checked

    def versions(self) -> list[dict[str, str]]:
        """What was there before each change, the newest first."""
        with suppress(OSError):
            names = sorted(one.stem for one in self._versions.glob("*.toml") if _VERSION.fullmatch(one.stem))
            return [{"id": name, "at": _readable(name), "by": self._by(name)} for name in reversed(names)]
        return []

    def restorable(self, version: str) -> Checked:
        """What going back to that version would change."""
        text = self._kept(version)
        try:
            Config.model_validate(_document(text))
        except (ValidationError, ConfigError) as error:
            return Checked((("", Text(f"此版本已不可用：{error}", f"this version cannot be used any more: {error}")),))
        return Checked((), _diff(self._text(), text), text)

    def restore(self, version: str, base: str, who: str) -> Checked:
        """Go back to that version; what is there now is kept, too."""
        self._same(base)
        checked = self.restorable(version)
        if not checked.problems and checked.diff:
            self._write(checked.text, who)
        return checked

    def _same(self, base: str) -> None:
        if base != self.base():
            raise ConfigError("配置已被别处修改：请刷新后重试", "the file was changed meanwhile: load the page again")

    def _text(self) -> str:
        try:
            return self._path.read_bytes()[:MOST_BYTES].decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"无法读取配置 {self._path}（{error}）", f"the configuration {self._path} cannot be read ({error})"
            ) from error

    def _kept(self, version: str) -> str:
        if not _VERSION.fullmatch(version):
            raise ConfigError("没有这个版本", "there is no such version")
        try:
            return (self._versions / f"{version}.toml").read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError("没有这个版本", "there is no such version") from error

    def _by(self, version: str) -> str:
        with suppress(OSError, ValueError, KeyError, TypeError):
            return str(json.loads((self._versions / f"{version}.json").read_text("utf-8"))["by"])
        return ""

    def _write(self, text: str, who: str) -> None:
        before = self._text()
        try:
            self._versions.mkdir(mode=0o750, exist_ok=True)
            name = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ") + "-" + fingerprint(before)[:8]
            replaced(self._versions / f"{name}.toml", before, None)
            replaced(self._versions / f"{name}.json", json.dumps({"by": who}), None)
            replaced(self._path, text, self._path)
            for old in sorted(self._versions.glob("*.toml"))[:-MOST_VERSIONS]:
                old.unlink(missing_ok=True)
                old.with_suffix(".json").unlink(missing_ok=True)
        except OSError as error:
            raise ConfigError(
                f"无法写入 {error.filename or self._path}（{error.strerror}），没有改动；"
                "请让管理员授权（见 docs/technician-pages.md）",
                f"{error.filename or self._path} cannot be written ({error.strerror}), nothing was changed; have the"
                " gate's user allowed to (docs/technician-pages.md)",
            ) from error


def fingerprint(text: str) -> str:
    """Of a whole file."""
    return hashlib.sha256(text.encode()).hexdigest()


def replaced(path: Path, text: str, like: Path | None) -> None:
    """Put this text there, whole or not at all; with the mode (and, for root, the owner) of `like`. OSError."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            if like is not None:
                found = like.stat()
                os.fchmod(file.fileno(), found.st_mode & 0o777)
                if os.geteuid() == 0:
                    os.fchown(file.fileno(), found.st_uid, found.st_gid)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _document(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"配置不是有效的 TOML（{error}）", f"the configuration is no TOML ({error})") from error


def _diff(before: str, after: str) -> tuple[str, ...]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1)
    return tuple(lines)[2:]


def _readable(name: str) -> str:
    stamp = datetime.strptime(name.partition("-")[0], "%Y%m%dT%H%M%S%fZ").replace(microsecond=0, tzinfo=UTC)
    return stamp.isoformat()
