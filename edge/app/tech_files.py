"""What the technician's page may download: the support bundle, the certificate, a clip.

The bundle is what somebody far away needs to help, and nothing about people or secrets.

A zip of texts: versions, the configuration with every address, path and name of persons blanked, what the doctor says,
the gate's health, its last lines, and the readings' distribution. No record, no roster, no guard, no key, no picture.
"""

import io
import json
import platform
import re
import tomllib
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from edge.app import bootstrap
from edge.app.config import Config
from edge.app.health_file import FILE_NAME as HEALTH_FILE
from edge.app.tech_charts import charts
from edge.app.tech_clip import TechClip
from edge.app.tech_doctor import findings
from edge.app.tech_log import TechLog
from edge.core.errors import ForegateError
from edge.core.profile import Profile
from edge.core.tech import TechFile

BLANK = "***"
# Keys whose text is kept: choices and plain sayings that name nobody. Every other text is blanked, so that a new key is
# private until somebody says otherwise.
PLAIN_TEXTS = frozenset({
    "timezone", "kind", "unit", "expired", "people", "language", "layout", "means", "direction", "ends_with", "factory",
    "passed_pull", "exit_pull", "fire_pull", "tamper_pull", "hard", "override", "off", "rules",
})  # fmt: skip
MOST_HEALTH_BYTES = 4_096
# Whatever a line of the log may quote: a path, an address, a web address, a long token.
_PRIVATE = (
    (re.compile(r"[a-z]+://\S+"), "<url>"),
    (re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?:/\d+)?(?::\d+)?(?![\w.])"), "<address>"),
    (re.compile(r"(?<!\w)~?/(?:[\w.+@-]+/)*[\w.+@-]+"), "<path>"),
    (re.compile(r"[A-Za-z0-9+/_=-]{32,}"), "<token>"),
    # Who signed in, works at the gate or restarted it; whoever stands in brackets; anybody quoted.
    (re.compile(r"((?:signed in|begins|is over|by a technician): )\S+"), r"\1***"),
    (re.compile(r"(\(|（)[^\s()（）]+(\)|）)"), r"\1***\2"),
    (re.compile(r"“[^”]*”|\"[^\"]*\"|'[^']*'|「[^」]*」"), '"***"'),
)


def tech_files(
    config: Config, source: Path | None, log: TechLog, clip: TechClip, utc_ms: Callable[[], int]
) -> Mapping[str, Callable[[], TechFile | None]]:
    """What the page may download, by name; a file that there is not is None."""
    return {
        "support.zip": lambda: bundle(config, source, log, utc_ms()),
        "certificate.pdf": lambda: _certificate(config, as_pdf=True),
        "certificate.html": lambda: _certificate(config, as_pdf=False),
        "clip.npz": lambda: _clip(clip, utc_ms()),
    }


def _certificate(config: Config, as_pdf: bool) -> TechFile | None:
    from calibration.certificate import html_text, pdf_bytes

    found = bootstrap.open_profile(config)
    if not isinstance(found, Profile):
        return None
    if as_pdf:
        return TechFile(f"{found.id}.pdf", "application/pdf", pdf_bytes(found))
    return TechFile(f"{found.id}.html", "text/html; charset=utf-8", html_text(found).encode())


def _clip(clip: TechClip, utc_ms: int) -> TechFile | None:
    body = clip.body()
    name = f"clip-{_iso(utc_ms // 1000).replace(':', '')}.npz"
    return None if body is None else TechFile(name, "application/octet-stream", body)


def bundle(config: Config, source: Path | None, log: TechLog, utc_ms: int) -> TechFile:
    """The support bundle of now."""
    secrets = _secrets(config)
    lines = (f"{_iso(at)} {without_private(line, secrets)}" for at, line in log.lines())
    parts = {
        "README.txt": _readme(utc_ms),
        "versions.txt": _versions(),
        "config.json": _as_json(_configuration(source)),
        "doctor.json": _as_json(_told_of_nobody(_doctor(source), secrets)),
        "health.json": _as_json(_told_of_nobody(_health(config), secrets)),
        "log.txt": "\n".join(lines),
        "readings.json": _as_json(_readings(config, utc_ms)),
        "counts.json": _as_json(_counts(config)),
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return TechFile(f"foregate-support-{_iso(utc_ms // 1000)[:10]}.zip", "application/zip", packed.getvalue())


def without_private(text: str, secrets: frozenset[str] = frozenset()) -> str:
    """The text without paths, addresses, tokens, quoted words, technicians, and any of these very words."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, BLANK)
    for pattern, instead in _PRIVATE:
        text = pattern.sub(instead, text)
    return text


def blanked(value: Any, key: str = "") -> Any:
    """A configuration's values without any text that may name a person, a place, an address or a path."""
    if isinstance(value, Mapping):
        return {name: blanked(inner, name if key != "rules" else "rules") for name, inner in value.items()}
    if isinstance(value, list):
        return [blanked(inner, key) for inner in value]
    return value if not isinstance(value, str) or key in PLAIN_TEXTS else BLANK


def _told_of_nobody(value: Any, secrets: frozenset[str]) -> Any:
    """Every text in it without what may name somebody; its keys are ours."""
    if isinstance(value, dict):
        return {key: _told_of_nobody(inner, secrets) for key, inner in value.items()}
    if isinstance(value, list):
        return [_told_of_nobody(inner, secrets) for inner in value]
    return without_private(value, secrets) if isinstance(value, str) else value


def _doctor(source: Path | None) -> Any:
    try:
        return findings(source, ())
    except ForegateError as error:
        return {"unreadable": error.en}


def _configuration(source: Path | None) -> Any:
    if source is None:
        return {}
    try:
        return blanked(tomllib.loads(source.read_text("utf-8-sig")))
    except (OSError, ValueError):
        return {"unreadable": True}


def _secrets(config: Config) -> frozenset[str]:
    """Words that must not leave: the gate's and school's names, whoever may sign in."""
    from edge.adapters.guards_file import read_guards

    words = {config.gate.name, config.gate.id, platform.node()}
    if config.roster is not None:
        words.add(config.roster.school)
    try:
        words |= {word for guard in read_guards(config.guards_file) for word in (guard.name, guard.guard_id)}
    except ForegateError:
        # A damaged file is told by the doctor; nobody of it is known to blank.
        words.add("")
    return frozenset(word for word in words if len(word) >= 2)


def _versions() -> str:
    own = [f"foregate {bootstrap.software_version()}", f"python {platform.python_version()}", platform.machine()]
    return "\n".join(own + sorted(f"{one.metadata['Name']} {one.version}" for one in distributions()))


def _health(config: Config) -> Any:
    try:
        with config.store.path.with_name(HEALTH_FILE).open("rb") as file:
            return json.loads(file.read(MOST_HEALTH_BYTES))
    except (OSError, ValueError) as error:
        return {"unreadable": str(error)}


def _readings(config: Config, utc_ms: int) -> Any:
    try:
        return charts(config, utc_ms)
    except ForegateError as error:
        return {"unreadable": without_private(error.en)}


def _counts(config: Config) -> Any:
    try:
        with closing(bootstrap.open_store(config)) as store:
            written, acknowledged, set_aside = store.counts()
    except ForegateError as error:
        return {"unreadable": without_private(error.en)}
    return {"written": written, "acknowledged": acknowledged, "set_aside": set_aside}


def _readme(utc_ms: int) -> str:
    return (
        f"测温闸机支持包，{_iso(utc_ms // 1000)}。不含姓名、卡号、密钥、记录和画面；发送前可自行查看。\n"
        f"Support bundle of a fever-screening gate, {_iso(utc_ms // 1000)}. It holds no name, badge, key, record or"
        " picture; have a look before you send it.\n"
    )


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def _iso(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
