"""A gate's key that everybody knows, and records written down with it."""

import base64
from dataclasses import replace

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.core.record import NOTHING_BEFORE, Record, canonical_bytes, signed

SALT = "5a" * 16
# What a record follows of which nothing but its number is known.
SOMETHING_BEFORE = "b" * 64


class FakeSigner:
    """See `edge.ports.Signer`. The same seed is the same key."""

    def __init__(self, seed: int = 1) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)

    @property
    def public_key(self) -> str:
        return base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)

    def verify(self, message: bytes, signature: bytes) -> bool:
        try:
            self._key.public_key().verify(signature, message)
        except InvalidSignature:
            return False
        return True


SIGNER = FakeSigner()


def written(record: Record, signer: FakeSigner = SIGNER) -> Record:
    """The record as a gate would have written it down: salted, signed, after something unless it is the first."""
    before = record.previous_sha256
    if record.seq > 1 and before == NOTHING_BEFORE:
        before = SOMETHING_BEFORE
    return signed(replace(record, previous_sha256=before, salt=record.salt or SALT), signer.sign)


def bytes_of(record: Record) -> bytes:
    """Its canonical bytes, as a gate would have written them."""
    return canonical_bytes(written(record))
