"""The environment's variables -> what the server needs to know. Pure; files and Django are elsewhere.

FOREGATE_COUNTY_DATA          folder of the database and the key        needed by every command
FOREGATE_COUNTY_SECRET_KEY    key of the sessions, >= 32 characters     without it: a file in the data folder
FOREGATE_COUNTY_HOSTS         names it answers to, comma between        without it: this machine only
FOREGATE_COUNTY_BEHIND_PROXY  1: a TLS proxy stands in front            without it: 0
FOREGATE_COUNTY_DATABASE      postgresql://USER@HOST/NAME               without it: an SQLite file in the data folder
FOREGATE_COUNTY_DATABASE_PASSWORD_FILE  its password, in a file         without it: the password in the address, or none
FOREGATE_COUNTY_REPORT_DEADLINE         by when a day's report is due, HH:MM  without it: 09:30
FOREGATE_COUNTY_KEEP_DAYS     days until `forget` erases contents, 1+   without it: 400
FOREGATE_COUNTY_KEEP_LOOKS_DAYS         days until it erases looks, 1+  without it: 1100
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from county.core import database_url
from county.core.database_url import DatabaseUrl
from edge.core.errors import ConfigError

PREFIX = "FOREGATE_COUNTY_"
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")
LEAST_KEY_CHARACTERS = 32
_KNOWN = {
    "DATA",
    "SECRET_KEY",
    "HOSTS",
    "BEHIND_PROXY",
    "DATABASE",
    "DATABASE_PASSWORD_FILE",
    "REPORT_DEADLINE",
    "KEEP_DAYS",
    "KEEP_LOOKS_DAYS",
}
# When morning lessons have begun, so that everybody who comes has come.
USUAL_DEADLINE_MIN = 9 * 60 + 30
# A school year, and some weeks to ask about it.
USUAL_KEEP_DAYS = 400
# Who handled personal data is kept for at least three years (Personal Information Protection Law of China, article 56).
USUAL_KEEP_LOOKS_DAYS = 1100
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_HOST = re.compile(r"\.?[A-Za-z0-9]([A-Za-z0-9.-]{0,252})|\[[0-9a-fA-F:.]+\]")


@dataclass(frozen=True, slots=True)
class Environment:
    """What the variables say. data None: not set, so that tools may import the settings; no command runs without it.

    database None: an SQLite file in `data`. report_deadline_min: minutes of the local day, 0 to 1439.
    """

    data: Path | None
    secret_key: str | None
    hosts: tuple[str, ...]
    behind_proxy: bool
    database: DatabaseUrl | None = None
    database_password_file: Path | None = None
    report_deadline_min: int = USUAL_DEADLINE_MIN
    keep_days: int = USUAL_KEEP_DAYS
    keep_looks_days: int = USUAL_KEEP_LOOKS_DAYS


def read(variables: Mapping[str, str]) -> Environment:
    """The environment; an empty variable counts as not set. ConfigError: a value or a name that makes no sense."""
    ours = {k.removeprefix(PREFIX): v.strip() for k, v in variables.items() if k.startswith(PREFIX)}
    unknown = sorted(set(ours) - _KNOWN)
    if unknown:
        names = "、".join(PREFIX + name for name in unknown)
        raise ConfigError(
            f"不认识的环境变量 {names}；可用的有 {', '.join(sorted(PREFIX + k for k in _KNOWN))}",
            f"unknown variable {names}; there are {', '.join(sorted(PREFIX + k for k in _KNOWN))}",
        )
    return Environment(
        data=Path(ours["DATA"]) if ours.get("DATA") else None,
        secret_key=_secret_key(ours.get("SECRET_KEY", "")),
        hosts=_hosts(ours.get("HOSTS", "")),
        behind_proxy=_yes(ours.get("BEHIND_PROXY", "")),
        database=database_url.parse(ours["DATABASE"]) if ours.get("DATABASE") else None,
        database_password_file=_password_file(ours),
        report_deadline_min=_deadline(ours.get("REPORT_DEADLINE", "")),
        keep_days=_days(ours, "KEEP_DAYS", USUAL_KEEP_DAYS),
        keep_looks_days=_days(ours, "KEEP_LOOKS_DAYS", USUAL_KEEP_LOOKS_DAYS),
    )


def need_data(environment: Environment) -> Path:
    """The data folder. ConfigError when it is not set."""
    if environment.data is None:
        raise ConfigError(
            f"未设置 {PREFIX}DATA；请指定存放数据库的文件夹，例如 {PREFIX}DATA=/var/lib/foregate-county",
            f"{PREFIX}DATA is not set; name the folder of the database, for example "
            f"{PREFIX}DATA=/var/lib/foregate-county",
        )
    return environment.data


def _secret_key(value: str) -> str | None:
    if value and len(value) < LEAST_KEY_CHARACTERS:
        raise ConfigError(
            f"{PREFIX}SECRET_KEY 少于 {LEAST_KEY_CHARACTERS} 个字符；请换成更长的随机值，或不设置（自动生成密钥文件）",
            f"{PREFIX}SECRET_KEY has fewer than {LEAST_KEY_CHARACTERS} characters; use a longer random one, "
            "or leave it unset (a key file is made)",
        )
    return value or None


def _password_file(ours: Mapping[str, str]) -> Path | None:
    name = ours.get("DATABASE_PASSWORD_FILE")
    if not name:
        return None
    if not ours.get("DATABASE"):
        raise ConfigError(
            f"设置了 {PREFIX}DATABASE_PASSWORD_FILE，却没有 {PREFIX}DATABASE；请两个都设置，或都不设置",
            f"{PREFIX}DATABASE_PASSWORD_FILE is set but {PREFIX}DATABASE is not; set both or neither",
        )
    return Path(name)


def _hosts(value: str) -> tuple[str, ...]:
    hosts = tuple(host.strip() for host in value.split(",") if host.strip())
    for host in hosts:
        # "*" too: a server that answers to any name can be asked under a false one.
        if not _HOST.fullmatch(host):
            raise ConfigError(
                f"{PREFIX}HOSTS 中的 {host!r} 不是主机名；请写域名或地址（不带端口和 http://），以逗号分隔",
                f"{host!r} in {PREFIX}HOSTS is no host; write names or addresses (no port, no http://), comma between",
            )
    return hosts or LOOPBACK_HOSTS


def _yes(value: str) -> bool:
    if value not in {"", "0", "1"}:
        raise ConfigError(f"{PREFIX}BEHIND_PROXY 只能是 0 或 1", f"{PREFIX}BEHIND_PROXY is 0 or 1")
    return value == "1"


def _deadline(value: str) -> int:
    if not value:
        return USUAL_DEADLINE_MIN
    match = _CLOCK.fullmatch(value)
    if match is None:
        raise ConfigError(
            f"{PREFIX}REPORT_DEADLINE {value!r} 不是时间；请写成 09:30（00:00–23:59）",
            f"{PREFIX}REPORT_DEADLINE {value!r} is no time of day; write it as 09:30 (00:00 to 23:59)",
        )
    return int(match[1]) * 60 + int(match[2])


def _days(ours: Mapping[str, str], name: str, usual: int) -> int:
    value = ours.get(name, "")
    if not value:
        return usual
    if not re.fullmatch(r"[1-9][0-9]{0,4}", value):
        raise ConfigError(
            f"{PREFIX}{name} 须是 1 到 99999 的整数（天）",
            f"{PREFIX}{name} is a whole number of days, 1 to 99999",
        )
    return int(value)
