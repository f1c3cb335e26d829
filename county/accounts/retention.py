"""Who looked at personal data is itself personal data, and leaves when its time is over."""

from datetime import datetime

from county.accounts.models import Look

CHUNK = 1_000


def forget_looks(before: datetime) -> int:
    """Erase the looks that ended before this moment; how many. In steps, so that no gate has to wait for long."""
    erased = 0
    due = Look.objects.filter(at__lt=before, last_at__lt=before)
    while keys := list(due.values_list("pk", flat=True)[:CHUNK]):
        erased += Look.objects.filter(pk__in=keys).delete()[0]
    return erased
