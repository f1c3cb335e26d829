"""One-time codes from a telephone as the second half of signing in (TOTP, RFC 6238: SHA-1, 6 digits, 30 s).

The secret is sealed (Fernet) with a key that comes from the server's own (HKDF-SHA256), because checking a code needs
the secret itself: no hash would do. Whoever copies the database alone cannot make codes; whoever copies the data folder
with its key file can.
"""

import base64
import io
import re
import secrets

import pyotp
import segno
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from county.accounts.models import RecoveryCode, SecondFactor
from county.core.tokens import same, token_sha256

ISSUER = "Foregate"
PERIOD_S = 30
# RFC 6238, 5.2: one step of delay; one ahead for a telephone whose clock is fast.
STEPS = (-1, 0, 1)
RECOVERY_CODES = 8
# 16 letters of base32 are 80 random bits: too many to try, so that their hash need not be slow.
_RECOVERY_BYTES = 10
_CODE = re.compile(r"[0-9]{6}")


def is_on(user: User) -> bool:
    """Whether signing in asks this user for a code."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


def begin(user: User) -> None:
    """A new secret that is not in force yet; one that is stays untouched."""
    with transaction.atomic():
        if not is_on(user):
            sealed = _fernet().encrypt(pyotp.random_base32(32).encode()).decode()
            SecondFactor.objects.update_or_create(
                user=user, defaults={"sealed": sealed, "confirmed_at": None, "last_counter": 0}
            )


def pending_secret(user: User) -> str | None:
    """The secret, base32, that waits for its first code; None: there is none (one in force is never shown again)."""
    found = SecondFactor.objects.filter(user=user, confirmed_at=None).first()
    return None if found is None else _secret(found)


def confirm(user: User, code: str) -> list[str] | None:
    """The telephone has the secret: from now on signing in asks for codes. The recovery codes, this once; None: wrong
    code, or nothing waits."""
    with transaction.atomic():
        waiting = SecondFactor.objects.filter(user=user, confirmed_at=None)
        if not waiting.exists() or not _take_telephone_code(user, code):
            return None
        waiting.update(confirmed_at=timezone.now())
        RecoveryCode.objects.filter(user=user).delete()
        codes = [_new_recovery_code() for _ in range(RECOVERY_CODES)]
        RecoveryCode.objects.bulk_create([RecoveryCode(user=user, code_sha256=_fingerprint(one)) for one in codes])
        return codes


def take_code(user: User, typed: str) -> bool:
    """Whether this is a code of the telephone, or a recovery code, that was not used before; it is used up then."""
    if not is_on(user):
        return False
    if _take_telephone_code(user, typed):
        return True
    # Of two who come at once, one deletes the row.
    return RecoveryCode.objects.filter(user=user, code_sha256=_fingerprint(typed)).delete()[0] == 1


def codes_left(user: User) -> int:
    """How many recovery codes are not used."""
    return RecoveryCode.objects.filter(user=user).count()


def end(user: User) -> bool:
    """Signing in asks for no code any more; False: it did not."""
    with transaction.atomic():
        RecoveryCode.objects.filter(user=user).delete()
        return bool(SecondFactor.objects.filter(user=user).delete()[0])


def failures_of(user: User) -> str:
    """Under which "address" wrong codes are counted: one for the whole account, wherever they come from."""
    return f"code {user.pk}"


def picture(user: User, secret: str) -> str:
    """The secret as a QR code for the telephone: an SVG element to stand in a page."""
    address = pyotp.TOTP(secret, name=user.get_username(), issuer=ISSUER).provisioning_uri()
    out = io.BytesIO()
    segno.make(address, error="m").save(
        out, kind="svg", xmldecl=False, svgns=False, svgclass="qr", lineclass=None, omitsize=True, border=4
    )
    return out.getvalue().decode()


def _take_telephone_code(user: User, typed: str) -> bool:
    code = re.sub(r"[\s-]", "", typed)
    found = SecondFactor.objects.filter(user=user).first()
    secret = None if found is None else _secret(found)
    if found is None or secret is None or not _CODE.fullmatch(code):
        return False
    now = int(timezone.now().timestamp()) // PERIOD_S
    totp = pyotp.TOTP(secret, interval=PERIOD_S)
    counter = next((now + step for step in STEPS if same(totp.at((now + step) * PERIOD_S), code)), 0)
    # One statement: of two who bring the same code at once, one finds it unused.
    return SecondFactor.objects.filter(user=user, last_counter__lt=counter).update(last_counter=counter) == 1


def _new_recovery_code() -> str:
    letters = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode()
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def _fingerprint(code: str) -> str:
    return token_sha256(re.sub(r"[\s-]", "", code[:100]).upper())


def _secret(found: SecondFactor) -> str | None:
    try:
        return _fernet().decrypt(found.sealed.encode()).decode()
    except InvalidToken:
        # Sealed with another key of the server: no code is right until reset-totp.
        return None


def _fernet() -> Fernet:
    derived = HKDF(SHA256(), 32, None, b"foregate county second factor").derive(settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
