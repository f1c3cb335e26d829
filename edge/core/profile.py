"""The calibration profile as the gate uses it: what is in it, whether it is whole, and whether it fits this gate.

One JSON file that people can read: {"format", "profile", "signature"}. The signature (Ed25519, by the device's key) is
over FORMAT, a line feed, and the canonical bytes of `profile`, so that its layout may change and not a digit of it.
Its id carries the day and the beginning of the fingerprint; records name it as their calibration_version.
"""

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Literal

from edge.core.correction import MAP_TERMS, Correction, Surface
from edge.core.errors import CalibrationError
from edge.core.radiometry import Budget
from edge.core.texts import Text

FORMAT = "foregate-calibration-1"
MAX_BYTES = 1_000_000
MOST_BAD = 1_000
Unfit = Literal["missing", "damaged", "altered", "other_sensor", "other_reference", "expired"]

UNFIT: dict[Unfit, Text] = {
    "missing": Text("尚未校准：foregate calibrate", "not calibrated yet: foregate calibrate"),
    "damaged": Text(
        "校准文件损坏：foregate calibrate back，或重新校准", "the profile is damaged: calibrate back, or anew"
    ),
    "altered": Text(
        "校准文件被改动过，或不是本机签名的；不使用：foregate calibrate back，或重新校准",
        "the profile was altered, or another gate signed it; it is not used: calibrate back, or anew",
    ),
    "other_sensor": Text(
        "校准属于另一个传感器，不使用：请为这个传感器重新校准",
        "the profile belongs to another sensor and is not used: calibrate this one",
    ),
    "other_reference": Text(
        "校准时参考黑体的温度与现在配置的不同，不使用：请核对 reference.temperature_c",
        "it was made with the reference at another temperature and is not used: check reference.temperature_c",
    ),
    "expired": Text("校准已过期：请尽快重新校准", "the calibration has expired: calibrate anew soon"),
}


@dataclass(frozen=True, slots=True)
class Profile:
    """id, made and expiry; of which sensor (typed: a person read its number, the camera does not tell it) and with the
    reference at which apparent temperature; what it corrects; the budget that each reading carries; all of it as plain
    values, for the certificate."""

    id: str
    gate_id: str
    made_utc_ms: int
    expires_utc_ms: int
    serial: str
    serial_typed: bool
    reference_c: float
    correction: Correction
    budget: Budget
    plain: Mapping[str, Any]

    def is_of(self, serial: str | None) -> bool:
        """Whether this sensor, by what its telemetry tells of it, is the one that was calibrated."""
        return self.serial_typed if serial is None else serial == self.serial


def unfit(profile: Profile, reference_c: float, utc_ms: int | None) -> Unfit | None:
    """Why this gate may not use it as it is; utc_ms: now, None while the clock is not set. The sensor shows later."""
    if abs(profile.reference_c - reference_c) > 0.005:
        return "other_reference"
    return "expired" if utc_ms is not None and utc_ms >= profile.expires_utc_ms else None


def canonical(plain: Mapping[str, Any]) -> bytes:
    """What is signed: FORMAT, a line feed, JSON with sorted keys and without spaces."""
    body = json.dumps(plain, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return f"{FORMAT}\n{body}".encode()


def fingerprint(plain: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical bytes, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(plain)).hexdigest()


def written(plain: Mapping[str, Any], signature: str) -> bytes:
    """The file: indented, for people."""
    whole = {"format": FORMAT, "profile": plain, "signature": signature}
    return (json.dumps(whole, ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True) + "\n").encode()


def read(body: bytes, verify: Callable[[bytes, str], bool]) -> Profile | Unfit:
    """The profile in these bytes; verify(message, signature as written). `damaged` or `altered` when it is none."""
    try:
        whole = json.loads(body) if len(body) <= MAX_BYTES else None
        if not isinstance(whole, dict) or set(whole) != {"format", "profile", "signature"}:
            return "damaged"
        plain, signature = whole["profile"], whole["signature"]
        if whole["format"] != FORMAT or not isinstance(plain, dict) or not isinstance(signature, str):
            return "damaged"
        if not verify(canonical(plain), signature):
            return "altered"
        return profile(plain)
    except (ValueError, RecursionError, CalibrationError):
        return "damaged"


def profile(plain: Mapping[str, Any]) -> Profile:
    """The profile of these plain values. CalibrationError: one of them is missing or out of its range."""
    try:
        made_utc_ms = _whole(plain["made_utc_ms"])
        day = datetime.fromtimestamp(made_utc_ms / 1000, UTC).strftime("%Y%m%d")
        sensor = plain["sensor"]
        return Profile(
            id=f"cal-{day}-{fingerprint(plain)[:8]}",
            gate_id=_text(plain["gate_id"]),
            made_utc_ms=made_utc_ms,
            expires_utc_ms=_whole(plain["expires_utc_ms"]),
            serial=_text(sensor["serial"]),
            serial_typed=sensor["typed"] is True,
            reference_c=_number(plain["reference_c"], 0, 80),
            correction=_correction(plain["correction"]),
            budget=_budget(plain["budget"]),
            plain=plain,
        )
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise CalibrationError(
            f"校准内容不完整（{error!r}）；请重新校准", f"the calibration is not complete ({error!r}); calibrate anew"
        ) from error


def _correction(plain: Mapping[str, Any]) -> Correction:
    surface = plain["surface"]
    bad = tuple((_whole(row), _whole(column)) for row, column in plain["bad_pixels"])
    if len(bad) > MOST_BAD:
        raise ValueError("bad_pixels")
    return Correction(
        _number(plain["gain"], 0.5, 2.0),
        _number(plain["offset_k"], -20, 20),
        None if surface is None else _surface(surface),
        bad,
    )


def _surface(plain: Mapping[str, Any]) -> Surface:
    terms_k = tuple(_number(term, -20, 20) for term in plain["terms_k"])
    if len(terms_k) != MAP_TERMS:
        raise ValueError("terms_k")
    (u0, v0), (u1, v1) = plain["low"], plain["high"]
    return Surface(terms_k, (_number(u0, -1, 1), _number(v0, -1, 1)), (_number(u1, -1, 1), _number(v1, -1, 1)))


def _budget(plain: Mapping[str, Any]) -> Budget:
    names = {f.name for f in fields(Budget)} - {"offset_k", "noise_k"}
    if set(plain) != names:
        raise ValueError("budget")
    return Budget(**{name: _number(plain[name], 0, 5) for name in names})


def _number(value: Any, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(f"{value!r} is not within {low:g} to {high:g}")
    return float(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < math.ldexp(1, 53):
        raise ValueError(f"{value!r} is no whole number")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 80 or not value.isprintable():
        raise ValueError(f"{value!r} is no text")
    return value
