"""Signing in: with name and password, slowed down after failures, or once with an address from sign-in-link."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from county.accounts.address import address_of
from county.accounts.models import SignInFailure, SignInLink
from county.core.tokens import new_token, token_sha256
from edge.core.texts import Text

WINDOW = timedelta(minutes=15)
FAILURES_OF_NAME = 5
FAILURES_OF_ADDRESS = 20
LINK_LIFE = timedelta(hours=24)

WRONG = Text("登录名或密码不正确", "Wrong name or password")
SLOW_DOWN = Text("失败次数过多，请 15 分钟后再试", "Too many failures, try again in 15 minutes")
LINK_USED = Text(
    "登录地址已使用或已过期，请用密码登录，或重新运行 foregate-county sign-in-link",
    "This address was used or has expired: sign in with a password, or run foregate-county sign-in-link again",
)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in form: 200; signed in: on to ?next=; refused: 401; after too many failures: 429."""
    onward = _onward(request)
    if request.method != "POST":
        return redirect(onward) if request.user.is_authenticated else _form(request, onward)
    name, password = request.POST.get("name", "")[:150], request.POST.get("password", "")[:1000]
    # Counted before the password is looked at, which takes long: of many guesses at once no more are looked at than
    # one after the other. Success gives the count back.
    if not _counted(name, address_of(request)):
        return _form(request, onward, SLOW_DOWN, 429)
    user = authenticate(request, username=name, password=password)
    if user is None:
        return _form(request, onward, WRONG, 401)
    SignInFailure.objects.filter(name=name, address=address_of(request)).delete()
    login(request, user)
    return redirect(onward)


@never_cache
@require_GET
def sign_in_once(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in with an address from new_link, which is worth nothing afterwards."""
    link = SignInLink.objects.filter(token_sha256=token_sha256(token), expires_at__gt=timezone.now()).first()
    # Of two who come at once, one deletes the row.
    if link is None or not SignInLink.objects.filter(pk=link.pk).delete()[0] or not link.user.is_active:
        return _form(request, "/", LINK_USED, 410)
    login(request, link.user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect(settings.LOGIN_REDIRECT_URL)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


def new_link(user: User) -> str:
    """A token for /sign-in/once/<token>, valid once within 24 h; outdated ones are forgotten."""
    token, now = new_token(), timezone.now()
    SignInLink.objects.filter(expires_at__lte=now).delete()
    SignInLink.objects.create(token_sha256=token_sha256(token), user=user, expires_at=now + LINK_LIFE)
    return token


def _form(request: HttpRequest, onward: str, message: Text | None = None, status: int = 200) -> HttpResponse:
    return render(request, "accounts/sign_in.html", {"next": onward, "message": message}, status=status)


def _counted(name: str, address: str) -> bool:
    """Count an attempt as a failure until it succeeds; False: there were too many, and it was not counted."""
    now = timezone.now()
    # It begins IMMEDIATE (settings): those who count at the same moment stand in line.
    with transaction.atomic(durable=True):
        SignInFailure.objects.filter(at__lte=now - WINDOW).delete()
        failures = SignInFailure.objects.filter(address=address)
        if failures.count() >= FAILURES_OF_ADDRESS or failures.filter(name=name).count() >= FAILURES_OF_NAME:
            return False
        SignInFailure.objects.create(name=name, address=address, at=now)
        return True


def _onward(request: HttpRequest) -> str:
    onward = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(onward, {request.get_host()}, require_https=request.is_secure())
    return onward if safe else "/"
