"""The roster as gates get it: composed when it has changed, and signed anew every day so that it does not grow old."""

from dataclasses import replace
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction
from django.db.models import F

from county.database import writing
from county.rosters.changing import roll_of
from county.rosters.models import Issue, School
from county.rosters.signing import public_line, signature_line
from edge.core.roster import compose, header_bytes, parse_header

# Half a day: a gate that asks at the same time every day always meets one of that day.
ISSUE_ANEW = timedelta(hours=12)
# Whoever issued this had a wrong clock; no gate would see it grow old.
AHEAD = timedelta(hours=1)


def issue_of(school_name: str, key: Ed25519PrivateKey, now: datetime) -> Issue | None:
    """The school's roster, as it stands, signed with this key not long ago; None: the school has none.

    Its `head` is header and signature with their newlines; head and body together are the file.
    """
    while True:
        school = School.objects.filter(name=school_name, version__gt=0).first()
        if school is None:
            return None
        standing = Issue.objects.filter(school=school).defer("head", "body").first()
        if standing is not None and _good(standing, school, key, now):
            return standing
        same = standing is not None and standing.version == school.version
        if standing is not None and same and standing.issued_utc_ms > _ms(now + AHEAD):
            # A later version may carry an earlier time; the same one may not.
            School.objects.filter(pk=school.pk, version=school.version).update(version=F("version") + 1)
            continue
        made = _make(school, standing, key, now)
        # Composed without holding up the gates' records; taken only if nothing has changed meanwhile.
        with writing(), transaction.atomic():
            if School.objects.filter(pk=school.pk, version=school.version).exists():
                made.save()
                return made


def _good(issue: Issue, school: School, key: Ed25519PrivateKey, now: datetime) -> bool:
    fresh = _ms(now - ISSUE_ANEW) < issue.issued_utc_ms <= _ms(now + AHEAD)
    return issue.version == school.version and fresh and issue.key == public_line(key)


def _make(school: School, standing: Issue | None, key: Ed25519PrivateKey, now: datetime) -> Issue:
    issued_utc_ms = _ms(now)
    if standing is not None and standing.version == school.version:
        issued_utc_ms = max(issued_utc_ms, standing.issued_utc_ms + 1)
        head, body = bytes(standing.head), bytes(standing.body)
        header = header_bytes(replace(parse_header(head.partition(b"\n")[0]), issued_utc_ms=issued_utc_ms))
    else:
        roll = roll_of(school)
        header, body = compose(school.name, school.version, issued_utc_ms, roll.classes.values(), roll.people.values())
    head = header + b"\n" + signature_line(key, header) + b"\n"
    return Issue(
        school=school,
        version=school.version,
        issued_utc_ms=issued_utc_ms,
        key=public_line(key),
        head=head,
        body=body,
    )


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
