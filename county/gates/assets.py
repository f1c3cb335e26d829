"""The style sheet and the tab's picture: two small files, read once and served without anything built or fetched."""

from hashlib import sha256
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

_FOLDER = Path(__file__).parent / "static"
_STYLE = (_FOLDER / "county.css").read_bytes()
_ICON = (_FOLDER / "favicon.svg").read_bytes()
STYLE_VERSION = sha256(_STYLE).hexdigest()[:12]


@require_safe
def style_sheet(request: HttpRequest, version: str) -> HttpResponse:
    """The style sheet; its address changes with its content, so that it may be kept for ever."""
    response = HttpResponse(_STYLE, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "public, max-age=31536000, immutable" if version == STYLE_VERSION else "no-cache"
    return response


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """The browser tab's picture."""
    response = HttpResponse(_ICON, content_type="image/svg+xml")
    response["Cache-Control"] = "public, max-age=86400"
    return response
