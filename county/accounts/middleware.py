"""What every request of a browser is held to, and what every answer carries so that it runs only the county's own."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string

# A school's list has at most 5 MiB (county/rosters/uploading.py); the interface for gates has bounds of its own.
MOST_BODY_BYTES = 6 * 2**20
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def content_security_policy(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Content-Security-Policy: own style sheet and pictures, no script, no frame, nothing from elsewhere."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Content-Security-Policy"] = POLICY
        return response

    return answer


def bounded_bodies(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """413 for a form that is too large, before any of it is read: the check against forgery would read it all."""

    def answer(request: HttpRequest) -> HttpResponse:
        length = str(request.META.get("CONTENT_LENGTH") or "0")
        small = length.isdecimal() and int(length[:20]) <= MOST_BODY_BYTES
        if small or request.path.startswith("/api/"):
            return get_response(request)
        return HttpResponse(render_to_string("413.html"), status=413)

    return answer


def without_nul(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """404 for an address with a NUL: nothing is called so, and PostgreSQL takes none as a text to look for."""

    def answer(request: HttpRequest) -> HttpResponse:
        # What stands in an address that signs in is never looked for as it is.
        if "\0" in request.path_info and not request.path_info.startswith("/sign-in/"):
            raise Http404
        return get_response(request)

    return answer
