"""Settings that a county has signed, for tests; the key is that of tests/fakes/rosters.py."""

import base64

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.core.commanded import SCHEMA, SIGNED, Commanded, Setting, commanded_bytes
from tests.fakes.rosters import COUNTY_KEY, ISSUED_UTC_MS, SCHOOL


def commanded(version: int = 1, school: str = SCHOOL, **settings: Setting) -> Commanded:
    """Settings; keys are written with __ for the point."""
    return Commanded(
        SCHEMA, school, version, ISSUED_UTC_MS, {key.replace("__", "."): value for key, value in settings.items()}
    )


def settings_file(what: Commanded, key: Ed25519PrivateKey = COUNTY_KEY) -> bytes:
    """The whole file, with this key's signature."""
    line = commanded_bytes(what)
    return line + b"\n" + base64.b64encode(key.sign(SIGNED + line)) + b"\n"
