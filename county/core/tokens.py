"""Secrets that are shown once: only their fingerprint is kept, so that a copied database opens nothing."""

import hashlib
import hmac
import secrets

TOKEN_BYTES = 32
CODE_CHARACTERS, CODE_GROUP = 20, 5
# Crockford's base 32: no letter that is read as a digit.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def new_token() -> str:
    """A new secret: 43 characters of URL-safe base64, 256 random bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_sha256(token: str) -> str:
    """What is kept of a token: 64 hexadecimal digits. 256 random bits need no slow hash (RFC 8018 is for passwords)."""
    # surrogatepass: a hostile header may hold anything; it is then simply unknown.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_code() -> str:
    """A secret to be typed once: four groups of five letters and digits, 100 random bits."""
    drawn = "".join(secrets.choice(_ALPHABET) for _ in range(CODE_CHARACTERS))
    return "-".join(drawn[at : at + CODE_GROUP] for at in range(0, CODE_CHARACTERS, CODE_GROUP))


def code_sha256(typed: str) -> str:
    """What is kept of a code. Case, hyphens and blanks do not count, O is 0, I and L are 1."""
    return token_sha256(typed.upper().translate(_READ_AS))


def same(sha256_a: str, sha256_b: str) -> bool:
    """Whether two fingerprints are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(sha256_a, sha256_b)
