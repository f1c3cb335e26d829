"""Personal data leaves when its time is over; links, fingerprints and signatures stay, and prove the rest."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from county.core.day import local_day
from county.gates.models import Anomaly, Record
from county.reports.models import Draft

CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many contents were erased, of records and of what was kept as evidence."""

    records: int
    anomalies: int


def forget(before: datetime) -> Forgotten:
    """Erase who and what was measured of everything that counts before this moment.

    Kept of a record: its link, signature, day, kind, verdict and reasons, of nobody in particular. Evidence goes by the
    day on which it came last. Drafts of those days' reports go; what somebody confirmed stays. In steps, so that no
    gate has to wait for long.
    """
    records = 0
    due = Record.objects.filter(sealed__isnull=False, counted_at__lt=before, received_at__lt=before)
    while keys := list(due.values_list("pk", flat=True)[:CHUNK]):
        with transaction.atomic():
            records += Record.objects.filter(pk__in=keys).update(sealed=None, person_id="", forehead_c=None, u_c=None)
    anomalies = Anomaly.objects.filter(body__isnull=False, last_at__lt=before).update(body=None)
    # They name whose case was open; a page composes them anew of what is left.
    Draft.objects.filter(day__lt=local_day(before, timezone.get_default_timezone())).delete()
    return Forgotten(records, anomalies)
