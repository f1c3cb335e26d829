"""How a gate becomes one of the county's: a code that a technician types once, for a token and the device's key."""

from datetime import datetime, timedelta

from django.db import transaction

from county.core import problems, tokens
from county.core.problems import Problem
from county.database import stand_in_line, writing
from county.gates import keys
from county.gates.models import EnrolCode, EnrolFailure, Gate

CODE_LIFE = timedelta(hours=48)
WINDOW = timedelta(minutes=15)
FAILURES_OF_ADDRESS = 20


def new_code(gate: Gate, now: datetime) -> str:
    """A code for this gate, valid once within 48 h; one that was handed out before and not used is void."""
    code = tokens.new_code()
    with transaction.atomic():
        EnrolCode.objects.filter(gate=gate, used_at=None).delete()
        EnrolCode.objects.create(code_sha256=tokens.code_sha256(code), gate=gate, expires_at=now + CODE_LIFE)
    return code


def enrol_at_once(gate: Gate, public_key: str, now: datetime) -> str:
    """The gate's new token; its key is this one from now on. Within a transaction."""
    token = tokens.new_token()
    gate.token_sha256, gate.revoked_at = tokens.token_sha256(token), None
    gate.save(update_fields=["token_sha256", "revoked_at"])
    keys.register(gate, public_key, now)
    return token


def enrol(gate_id: str, code: str, public_key: str, address: str, now: datetime) -> str | Problem:
    """The token of the gate that this code is for; the code is used up, and the key the gate's from now on."""
    # Counted before the code is looked at: of many guesses at once no more are looked at than one after the other.
    if not _counted(address, now):
        return problems.SLOW_DOWN
    with writing(), transaction.atomic(durable=True):
        found = EnrolCode.objects.filter(code_sha256=tokens.code_sha256(code), gate_id=gate_id).first()
        # The gate's row first, as everywhere: two who bring the same code stand in line for it.
        gate = None if found is None else Gate.objects.select_for_update().get(pk=found.gate_id)
        if found is None or gate is None:
            return problems.CODE_UNKNOWN
        found.refresh_from_db()
        if found.used_at is not None:
            return problems.CODE_USED
        if found.expires_at <= now:
            return problems.CODE_EXPIRED
        found.used_at = now
        found.save(update_fields=["used_at"])
        token = enrol_at_once(gate, public_key, now)
        EnrolFailure.objects.filter(address=address).delete()
        return token


def revoke(gate: Gate, now: datetime) -> None:
    """Token, key and open codes of the gate are worth nothing from now on."""
    with transaction.atomic():
        EnrolCode.objects.filter(gate=gate, used_at=None).delete()
        keys.revoke(gate, now)
        gate.revoked_at = now
        gate.save(update_fields=["revoked_at"])


def _counted(address: str, now: datetime) -> bool:
    """Count an attempt as a failure until it succeeds; False: there were too many, and it was not counted."""
    with writing(), transaction.atomic(durable=True):
        stand_in_line("enrol", address)
        EnrolFailure.objects.filter(at__lte=now - WINDOW).delete()
        if EnrolFailure.objects.filter(address=address).count() >= FAILURES_OF_ADDRESS:
            return False
        EnrolFailure.objects.create(address=address, at=now)
        return True
