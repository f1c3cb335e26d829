"""A change of a school's settings: checked, noted by whom, the next version, and that version signed for the gates."""

import base64
from collections.abc import Mapping
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction

from county.database import stand_in_line, writing
from county.policies.models import SchoolSettings, SettingChange
from edge.core.commanded import (
    KEYS,
    SCHEMA,
    SIGNED,
    Commanded,
    Setting,
    checked,
    commanded_bytes,
    must_be_known,
    parse_commanded,
    written,
)
from edge.core.errors import ConfigError

# What a gate accepts as a version, with room for those that follow.
HIGHEST_VERSION = 9_000_000


def settings_of(school: str) -> SchoolSettings | None:
    """What is commanded of a school's gates; None: nothing ever was."""
    return SchoolSettings.objects.filter(pk=school).first()


def change_settings(school: str, by: str, now: datetime, edits: Mapping[str, object]) -> SchoolSettings | None:
    """Set these keys, and leave to the gates' own configuration those whose value is None.

    The settings afterwards; no new version when nothing has changed. ConfigError: a key or value that cannot be.
    """
    given = checked({key: value for key, value in edits.items() if value is not None})
    must_be_known(edits)
    with writing(), transaction.atomic():
        stand_in_line("settings", school)
        standing = settings_of(school)
        before: dict[str, Setting] = {} if standing is None else dict(standing.settings)
        after = {key: value for key, value in {**before, **given}.items() if edits.get(key, value) is not None}
        changed = sorted(key for key in {*before, *after} if before.get(key) != after.get(key))
        if not changed:
            return standing
        _must_fit(after)
        version = 1 if standing is None else standing.version + 1
        # Nothing is kept that a gate would refuse.
        parse_commanded(commanded_bytes(Commanded(SCHEMA, school, version, 0, after)))
        found, _ = SchoolSettings.objects.update_or_create(
            school=school, defaults={"version": version, "issued_at": now, "settings": after}
        )
        SettingChange.objects.bulk_create(
            SettingChange(
                school=school,
                version=version,
                at=now,
                by=by,
                key=key,
                before=written(key, before[key]) if key in before else None,
                after=written(key, after[key]) if key in after else None,
            )
            for key in changed
        )
        return found


def typed_value(name: str, typed: str) -> object:
    """What was typed for a setting; None: nothing. What is no number stays text, which the setting refuses."""
    if not typed:
        return None
    if KEYS[name].words:
        return typed
    try:
        return float(typed.replace(",", "."))
    except ValueError:
        return typed


def raise_version(school: str, version: int, now: datetime) -> SchoolSettings:
    """After a backup was restored: above what the gates have. ConfigError: that is not upwards, or too far."""
    with writing(), transaction.atomic():
        stand_in_line("settings", school)
        standing = settings_of(school)
        least = 0 if standing is None else standing.version
        if not least < version <= HIGHEST_VERSION:
            raise ConfigError(f"版本号只能从 {least} 往上提高", f"the version can only be raised above {least}")
        found, _ = SchoolSettings.objects.update_or_create(
            school=school,
            defaults={
                "version": version,
                "issued_at": now,
                "settings": {} if standing is None else standing.settings,
            },
        )
        return found


def signed_file(found: SchoolSettings, key: Ed25519PrivateKey) -> bytes:
    """The settings as gates get them: the line, its signature, their newlines."""
    issued_utc_ms = round(found.issued_at.timestamp() * 1000)
    line = commanded_bytes(Commanded(SCHEMA, found.school, found.version, issued_utc_ms, checked(found.settings)))
    return line + b"\n" + base64.b64encode(key.sign(SIGNED + line)) + b"\n"


def _must_fit(settings: Mapping[str, Setting]) -> None:
    """What contradicts itself is refused here; what contradicts a site's own configuration, by that site's gate."""
    for low, high in (
        ("policy.too_cold_c", "policy.fever_forehead_c"),
        ("entry.crowd_low_c", "entry.crowd_high_c"),
    ):
        least, most = settings.get(low), settings.get(high)
        if isinstance(least, float) and isinstance(most, float) and least > most:
            raise ConfigError(
                f"{KEYS[low].text.zh} {written(low, least)} 高于{KEYS[high].text.zh} {written(high, most)}；"
                "请改其中一个",
                f"{KEYS[low].text.en} {written(low, least)} is above {KEYS[high].text.en} {written(high, most)}: change"
                " one of them",
            )
