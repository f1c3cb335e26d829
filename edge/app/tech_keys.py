"""Which keys of the configuration a technician may change at the page, what kind each is, and what was typed for it."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

import tomlkit
from pydantic import BaseModel

from edge.app.config import Config
from edge.app.config_devices import VoiceSection
from edge.app.config_entry import EntrySection
from edge.app.config_pins import PinsSection
from edge.core.policy import Policy
from edge.core.texts import Text

# Section -> the keys that a technician may change at the page: how it measures, decides, waits and sounds. Addresses,
# keys, paths and pins are changed at the machine by whoever may.
CHANGEABLE: dict[str, tuple[str, ...]] = {
    "gate": ("name",),
    "policy": tuple(f.name for f in fields(Policy)),
    "reference": ("temperature_c", "standard_uncertainty_k", "emissivity", "region"),
    "skin": ("emissivity", "reflected_c"),
    "camera": ("rotation_deg", "settling_s", "warm_up_s"),
    "entry": tuple(name for name in EntrySection.model_fields if name != "rules"),
    "pins": ("relay_pulse_s", "debounce_s", "turn_within_s"),
    "voice": ("language", "mute", "volume_percent", "by_time"),
    "calibration": ("expired",),
    "screen": ("people",),
}
Kind = Literal["number", "whole", "flag", "choice", "text", "list"]
_SECTIONS: dict[str, type[Any]] = {
    **{name: field.annotation for name, field in Config.model_fields.items() if isinstance(field.annotation, type)},
    "policy": Policy,
    "pins": PinsSection,
    "entry": EntrySection,
    "voice": VoiceSection,
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One key: what the gate goes by (as TOML would have it), whether the file says so, what pins it elsewhere."""

    key: str
    value: Any
    default: Any
    given: bool
    kind: Kind
    choices: tuple[str, ...] = ()
    pinned: Text | None = None


def changed(before: str, changes: Mapping[str, str], pinned: Mapping[str, Text]) -> tuple[str, list[tuple[str, Text]]]:
    """The file's text with these changes (key -> TOML value as typed, empty: the default), and what may not change."""
    document = tomlkit.parse(before)
    refused: list[tuple[str, Text]] = []
    for name, typed in changes.items():
        section, _, key = name.partition(".")
        if key not in CHANGEABLE.get(section, ()):
            refused.append((name, Text("此项不能在这里修改", "cannot be changed here")))
        elif name in pinned:
            refused.append((name, pinned[name]))
        elif typed.strip() == "":
            table = document.get(section)
            if table is not None and key in table:
                del table[key]
        else:
            if section not in document:
                document[section] = tomlkit.table()
            _put(document[section], key, _value(section, key, typed.strip()))
    return tomlkit.dumps(document), refused


def _put(table: Any, key: str, value: Any) -> None:
    """Another value in the same line, with the comment behind it."""
    made = tomlkit.item(value)
    if key in table:
        old = table.item(key) if hasattr(table, "item") else table[key]
        if hasattr(old, "trivia"):
            made.trivia.comment, made.trivia.comment_ws = old.trivia.comment, old.trivia.comment_ws
    table[key] = made


def _value(section: str, key: str, typed: str) -> Any:
    """What was typed, as TOML has it; text needs no quotes here."""
    kind, _ = _kind(section, key)
    if kind in ("text", "choice"):
        numeric = kind == "choice" and typed.lstrip("-").isdigit()
        return int(typed) if numeric else typed
    try:
        return tomllib.loads(f"value = {typed}")["value"] if "\n" not in typed else typed
    except tomllib.TOMLDecodeError:
        # Told by the configuration's own rules: "= "36,5" is no number".
        return typed


def setting(
    section: str, key: str, document: Mapping[str, Any], config: Config | None, pinned: Mapping[str, Text]
) -> Setting:
    """One key as it stands in the document; config: what the gate makes of that, None: it refuses it."""
    given = isinstance(document.get(section), Mapping) and key in document[section]
    kind, choices = _kind(section, key)
    default = _plain(_default(section, key))
    if given:
        value: Any = document[section][key]
    else:
        held = None if config is None else getattr(config, section)
        value = default if held is None else _plain(getattr(held, key))
    return Setting(f"{section}.{key}", value, default, given, kind, choices, pinned.get(f"{section}.{key}"))


def _default(section: str, key: str) -> Any:
    model = _SECTIONS[section]
    if is_dataclass(model):
        return next(f.default for f in fields(model) if f.name == key)
    return model.model_fields[key].get_default(call_default_factory=True)


def _kind(section: str, key: str) -> tuple[Kind, tuple[str, ...]]:
    model = _SECTIONS[section]
    hint = get_type_hints(model)[key]
    parts: Sequence[Any] = [one for one in get_args(hint) if one is not type(None)] if _optional(hint) else [hint]
    only = parts[0]
    if get_origin(only) is Literal:
        return "choice", tuple(str(one) for one in get_args(only))
    if only is bool:
        return "flag", ("true", "false")
    if only in (int, float):
        return ("whole" if only is int else "number"), ()
    return ("text" if only is str else "list"), ()


def _optional(hint: Any) -> bool:
    return type(None) in get_args(hint)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value.model_dump() if isinstance(value, BaseModel) else value
