"""The site's configuration with what the county commands on top, checked as if the site had written it itself."""

from collections.abc import Mapping

from pydantic import ValidationError

from edge.app.config import Config
from edge.app.config_errors import problems
from edge.core.commanded import KEYS, Setting
from edge.core.entry_policy import reason_of
from edge.core.errors import ConfigError

_RULES = "entry.rules."


def settings_of(config: Config) -> dict[str, Setting]:
    """What every key of the county's settings is in this configuration."""
    return {name: _value(config, name) for name in KEYS}


def with_settings(site: Config, settings: Mapping[str, Setting]) -> Config:
    """The site's configuration with these settings. ConfigError: together they make no sense."""
    plain = {name: getattr(site, name) for name in Config.model_fields if name in site.model_fields_set}
    changed: dict[str, dict[str, object]] = {}
    for name, value in settings.items():
        section, _, key = name.partition(".")
        if name.startswith(_RULES):
            rules = changed.setdefault("entry", {}).setdefault("rules", dict(site.entry.rules))
            assert isinstance(rules, dict)
            rules[name.removeprefix(_RULES)] = value
        elif section != "roster" or site.roster is not None:
            changed.setdefault(section, {})[key] = value
    for section, values in changed.items():
        plain[section] = _given(site, section) | values
    try:
        return Config.model_validate(plain)
    except ValidationError as error:
        found = problems(error, Config)
        raise ConfigError(
            "；".join(f"{'.'.join(map(str, one.key))} {one.zh}" for one in found),
            "; ".join(f"{'.'.join(map(str, one.key))} {one.en}" for one in found),
        ) from error


def _given(site: Config, section: str) -> dict[str, object]:
    part = getattr(site, section)
    if section == "policy":
        return {name: getattr(part, name) for name in part.__dataclass_fields__}
    return {name: getattr(part, name) for name in part.model_fields_set}


def _value(config: Config, name: str) -> Setting:
    if name.startswith(_RULES):
        code = name.removeprefix(_RULES)
        return config.entry.rules.get(code, reason_of(code).rules[0])
    section, key = name.split(".")
    # A gate that asks nobody who they are has no roster that could be old.
    part = getattr(config, section)
    value: Setting = KEYS[name].low if part is None else getattr(part, key)
    return value
