"""What the county may change at a school's gates from afar: settings in one strict form, versioned and signed.

    line 1    canonical JSON: school, version, when issued, and the settings, each by its key in the configuration
    line 2    base64 of the Ed25519 signature over SIGNED and the bytes of line 1 (edge/adapters verify it)

A setting that is not named stays as the site has configured it. Nothing here is an act: a setting moves neither lamp
nor relay, and what is wired, mounted or read by this very board is never set from afar.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from edge.core.entry_policy import REASONS
from edge.core.errors import ConfigError, RecordError
from edge.core.roster import Header
from edge.core.texts import REASONS as REASON_TEXTS
from edge.core.texts import Text
from edge.core.wire import Rule, from_plain, refused, to_plain, whole

SCHEMA = 1
MAX_BYTES = 16 * 2**10
# What the signature covers begins with this, so that nobody can pass a roster's signature off as one of settings.
SIGNED = b"foregate-settings-1\n"

Setting = float | int | str


@dataclass(frozen=True, slots=True)
class Key:
    """A setting: what it is called, its unit, and what it may hold: a range of numbers, or one of some words.

    whole: no fractions. The gate's own configuration checks it once more, together with all that the site has set.
    """

    name: str
    text: Text
    unit: str = ""
    low: float = 0.0
    high: float = 0.0
    whole: bool = False
    words: tuple[str, ...] = ()

    @property
    def holds(self) -> str:
        """What it may hold, as anybody would write it."""
        return " | ".join(self.words) if self.words else f"{self.low:g} … {self.high:g} {self.unit}".rstrip()

    def checked(self, value: Any) -> Setting:
        """The value as it is sent. ConfigError: it may not hold that."""
        if self.words:
            if isinstance(value, str) and value in self.words:
                return value
            raise self._not(value)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not self.low <= value <= self.high or (self.whole and value != int(value)):
            raise self._not(value)
        return int(value) if self.whole else round(float(value), 3) + 0.0

    def _not(self, value: Any) -> ConfigError:
        given = str(value)[:40]
        return ConfigError(
            f"{self.name} = {given} 不可用（{self.text.zh}）；请取 {self.holds}",
            f"{self.name} = {given} cannot be ({self.text.en}); choose {self.holds}",
        )


_NUMBERS = (
    Key("policy.fever_forehead_c", Text("额温报警值", "Forehead alarm"), "°C", 34, 40),
    # The gate's own configuration may go up to 43, which is no alarm; from afar nobody switches one off.
    Key("policy.fever_face_max_c", Text("面部最高温报警值", "Face alarm"), "°C", 34, 40),
    Key("policy.too_cold_c", Text("额温过冷（不可信）", "Forehead too cold to believe"), "°C", 25, 40),
    Key("entry.contact_fever_c", Text("接触式体温计发热值", "Fever by contact thermometer"), "°C", 36, 39),
    Key("entry.crowd_delta_k", Text("高出人群多少为可疑", "Suspected above the crowd by"), "K", 0.3, 3),
    Key("entry.crowd_people", Text("人群基线所需人数", "People who make a crowd"), "", 5, 25, True),
    Key("entry.crowd_forget_s", Text("人群读数多久作废", "Crowd's readings forgotten after"), "s", 600, 14_400),
    Key("entry.crowd_low_c", Text("人群基线下限", "Crowd's baseline, at least"), "°C", 25, 36),
    Key("entry.crowd_high_c", Text("人群基线上限", "Crowd's baseline, at most"), "°C", 25, 36),
    Key("entry.badge_window_s", Text("刷卡后等人多久", "A badge waits for its face"), "s", 2, 60),
    Key("entry.override_within_s", Text("判定后多久内可放行", "A guard may let in within"), "s", 10, 3_600),
    Key("entry.sign_in_s", Text("门卫不操作多久退出", "An idle guard is signed out after"), "s", 60, 43_200),
    Key("roster.max_age_h", Text("名单多久算旧", "A roster is old after"), "h", 1, 8_760),
)
_WORDS = (Key("screen.people", Text("屏幕上显示来人的什么", "Shown of people"), words=("name", "class", "nobody")),)


def _rule_text(code: str) -> Text:
    # The clause that says what is wrong, without what to do about it.
    told = REASON_TEXTS.get(code, Text("没有测到", "Not measured"))
    return Text(f"规则：{told.zh.split('，')[0]}", f"Rule: {told.en.split(':')[0]}")


# Reasons that leave the site no choice are no settings.
_RULES = tuple(
    Key(f"entry.rules.{reason.code}", _rule_text(reason.code), words=reason.rules)
    for reason in REASONS
    if len(reason.rules) > 1
)
KEYS: dict[str, Key] = {key.name: key for key in (*_NUMBERS, *_WORDS, *_RULES)}


def written(name: str, value: Setting) -> str:
    """The value with its unit."""
    return value if isinstance(value, str) else f"{value:g} {KEYS[name].unit}".rstrip()


def _read(value: Any, name: str) -> dict[str, Setting]:
    if not isinstance(value, dict):
        raise refused(f"{name} is no object")
    return checked(value)


def _settings() -> Any:
    return field(metadata={"rule": Rule(checked, _read, "object, see KEYS")})


def _school() -> Any:
    """Named as a roster names it."""
    return field(metadata=Header.__dataclass_fields__["school"].metadata)


def checked(settings: Mapping[str, Any]) -> dict[str, Setting]:
    """The settings as they are sent, by key. ConfigError: an unknown key, or a value that it may not hold."""
    must_be_known(settings)
    return {name: KEYS[name].checked(settings[name]) for name in sorted(settings)}


def must_be_known(names: Iterable[str]) -> None:
    """ConfigError unless each of these is a key of KEYS."""
    unknown = sorted(set(names) - set(KEYS))
    if unknown:
        known = ", ".join(KEYS)
        raise ConfigError(
            f"没有 {unknown[0]} 这项设置；可用：{known}", f"there is no setting {unknown[0]}; there are {known}"
        )


@dataclass(frozen=True, slots=True)
class Commanded:
    """Settings of a school's gates: which school, which version, issued when (ms since 1970 UTC), key -> value."""

    schema: int = whole(SCHEMA, SCHEMA)
    school: str = _school()
    version: int = whole(1, 10**7)
    issued_utc_ms: int = whole(0, 2**53)
    settings: dict[str, Setting] = _settings()


def commanded_bytes(commanded: Commanded) -> bytes:
    """Their canonical JSON, without a newline. ConfigError: a field that no gate would accept."""
    try:
        plain = to_plain(commanded)
        return json.dumps(plain, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode()
    except (TypeError, ValueError, OverflowError) as error:
        raise _unusable(str(error), str(error)) from error


def parse_commanded(line: bytes) -> Commanded:
    """The settings in these bytes. ConfigError unless they are exactly their canonical form, each in its range."""
    if len(line) > MAX_BYTES:
        raise _unusable(f"{len(line)} 字节", f"{len(line)} bytes")
    try:
        found: Commanded = from_plain(Commanded, json.loads(line.decode(), parse_constant=_no_constant), "settings")
    except (RecordError, ConfigError) as error:
        raise _unusable(error.zh, error.en) from error
    except (ValueError, RecursionError) as error:
        raise _unusable(f"不是 JSON：{error}", f"no JSON: {error}") from error
    if commanded_bytes(found) != line:
        raise _unusable("不是规范形式", "not in canonical form")
    return found


def _unusable(zh: str, en: str) -> ConfigError:
    return ConfigError(
        f"县里的设置不可用（{zh}）；请核对闸机与县级服务器的软件版本",
        f"the county's settings cannot be used ({en}); check that gate and county run matching versions",
    )


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")
