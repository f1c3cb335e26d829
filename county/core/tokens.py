"""Secrets that are shown once: only their fingerprint is kept, so that a copied database opens nothing."""

import hashlib
import hmac
import secrets

TOKEN_BYTES = 32


def new_token() -> str:
    """A new secret: 43 characters of URL-safe base64, 256 random bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_sha256(token: str) -> str:
    """What is kept of a token: 64 hexadecimal digits. 256 random bits need no slow hash (RFC 8018 is for passwords)."""
    # surrogatepass: a hostile header may hold anything; it is then simply unknown.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def same(sha256_a: str, sha256_b: str) -> bool:
    """Whether two fingerprints are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(sha256_a, sha256_b)
