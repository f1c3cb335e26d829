"""The keys that gates sign with: which are whose, and whether one of them made a signature."""

import base64
import binascii
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from county.gates.models import DeviceKey, Gate
from edge.core.record import Verify


def is_public_key(text: str) -> bool:
    """Whether this is base64 of 32 bytes, in the form in which it is written: 44 characters."""
    return _raw(text) is not None


def register(gate: Gate, public_key: str, now: datetime) -> None:
    """This is the gate's key from now on; whichever it had before is revoked. Within a transaction."""
    in_use = DeviceKey.objects.filter(gate=gate, revoked_at=None)
    if in_use.filter(public_key=public_key).exists():
        in_use.exclude(public_key=public_key).update(revoked_at=now)
        return
    in_use.update(revoked_at=now)
    DeviceKey.objects.create(gate=gate, public_key=public_key, registered_at=now)


def revoke(gate: Gate, now: datetime) -> None:
    """The gate has no key any more; what its keys have signed stays provable."""
    DeviceKey.objects.filter(gate=gate, revoked_at=None).update(revoked_at=now)


def verifier(gate: Gate) -> Verify:
    """Whether one of the gate's keys made a signature: the one in use, or an earlier one.

    An earlier one too: records may wait at a gate whose key has changed. Who may send at all is the token's affair.
    """
    listed = DeviceKey.objects.filter(gate=gate).order_by("-registered_at", "-pk").values_list("public_key", flat=True)
    raws = [_raw(text) for text in dict.fromkeys(listed)]
    keys = [Ed25519PublicKey.from_public_bytes(raw) for raw in raws if raw is not None]
    return lambda message, signature: any(_made(key, message, signature) for key in keys)


def _raw(text: str) -> bytes | None:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == 32 and base64.b64encode(raw).decode() == text else None


def _made(key: Ed25519PublicKey, message: bytes, signature: bytes) -> bool:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True
