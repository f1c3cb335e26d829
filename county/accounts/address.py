"""Where a request comes from."""

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """The client's address, at most 64 characters; behind a proxy as that proxy tells it."""
    # The last address was written by our own proxy; those before it by anybody.
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() if settings.BEHIND_PROXY else ""
    return (forwarded or str(request.META.get("REMOTE_ADDR", "")))[:64]
