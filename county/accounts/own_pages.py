"""The page about one's own account: role, and one-time codes switched on and off."""

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from county.accounts import second_factor
from county.accounts.access import account, signed_in
from county.accounts.address import address_of
from county.accounts.signing_in import SLOW_DOWN, WRONG_CODE
from county.accounts.slowing import counted, forgiven
from county.core.roles import TEXTS
from edge.core.texts import Text

WRONG_PASSWORD = Text("密码不正确", "Wrong password")


@never_cache
@require_safe
@signed_in()
def own(request: HttpRequest) -> HttpResponse:
    """Who I am here, and whether signing in asks for a code."""
    return _page(request)


@never_cache
@require_POST
@sensitive_post_parameters("password")
@signed_in()
def begin(request: HttpRequest) -> HttpResponse:
    """A new secret, for whoever knows the password: a browser left open is not enough to lock its owner out."""
    user = account(request).user
    if not counted(user.get_username(), address_of(request)):
        return _page(request, SLOW_DOWN, 429)
    if not user.check_password(request.POST.get("password", "")[:1000]):
        return _page(request, WRONG_PASSWORD, 401)
    forgiven(user.get_username(), address_of(request))
    second_factor.begin(user)
    return redirect("account")


@never_cache
@require_POST
@sensitive_post_parameters("code")
@signed_in()
def confirm(request: HttpRequest) -> HttpResponse:
    """The first code switches it on; the recovery codes are shown this once."""
    user = account(request).user
    if refused := _slowed(request, user):
        return refused
    codes = second_factor.confirm(user, request.POST.get("code", ""))
    if codes is None:
        return _page(request, WRONG_CODE, 401)
    forgiven(user.get_username(), second_factor.failures_of(user))
    return render(request, "accounts/recovery_codes.html", {"codes": codes})


@never_cache
@require_POST
@sensitive_post_parameters("code")
@signed_in()
def end(request: HttpRequest) -> HttpResponse:
    """A code switches it off."""
    user = account(request).user
    if refused := _slowed(request, user):
        return refused
    if not second_factor.take_code(user, request.POST.get("code", "")):
        return _page(request, WRONG_CODE, 401)
    forgiven(user.get_username(), second_factor.failures_of(user))
    second_factor.end(user)
    return redirect("account")


def _slowed(request: HttpRequest, user: User) -> HttpResponse | None:
    fast = not counted(user.get_username(), second_factor.failures_of(user))
    return _page(request, SLOW_DOWN, 429) if fast else None


def _page(request: HttpRequest, message: Text | None = None, status: int = 200) -> HttpResponse:
    who = account(request)
    secret = second_factor.pending_secret(who.user)
    context = {
        "account": who,
        "role": TEXTS[who.role],
        "on": second_factor.is_on(who.user),
        "codes_left": second_factor.codes_left(who.user),
        "secret": secret and " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        # Drawn by segno from our own address; nothing in it was typed by anybody but percent-encoded.
        "picture": secret and mark_safe(second_factor.picture(who.user, secret)),
        "message": message,
    }
    return render(request, "accounts/account.html", context, status=status)
