"""Signing in: with name and password or once with an address from sign-in-link; then, if it is on, with a code."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from county.accounts import second_factor
from county.accounts.access import account_or_none, log_look
from county.accounts.address import address_of
from county.accounts.models import SignInLink
from county.accounts.slowing import counted, forgiven
from county.core.tokens import new_token, same, token_sha256
from county.database import writing
from edge.core.texts import Text

LINK_LIFE = timedelta(hours=24)
HALF_LIFE = timedelta(minutes=5)
_HALF = "half_signed_in"
_BACKEND = "django.contrib.auth.backends.ModelBackend"

WRONG = Text("登录名或密码不正确", "Wrong name or password")
WRONG_CODE = Text(
    "验证码不正确、已用过或已过期；请等手机显示下一个再输入",
    "This code is wrong, used or over: wait for the next one and type that",
)
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
    # No name has a NUL, and not every database takes one.
    name = request.POST.get("name", "").replace("\0", "\ufffd")[:150]
    password = request.POST.get("password", "")[:1000]
    # Counted before the password is looked at, which takes long: of many guesses at once no more are looked at than
    # one after the other. Success gives the count back.
    if not counted(name, address_of(request)):
        return _form(request, onward, SLOW_DOWN, 429)
    user = authenticate(request, username=name, password=password)
    if user is None:
        return _form(request, onward, WRONG, 401)
    forgiven(name, address_of(request))
    return _first_half_done(request, user, onward)


@never_cache
@require_GET
def sign_in_once(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in with an address from new_link, which is worth nothing afterwards."""
    link = SignInLink.objects.filter(token_sha256=token_sha256(token), expires_at__gt=timezone.now()).first()
    # Of two who come at once, one deletes the row.
    if link is None or not SignInLink.objects.filter(pk=link.pk).delete()[0] or not link.user.is_active:
        return _form(request, "/", LINK_USED, 410)
    return _first_half_done(request, link.user, reverse(settings.LOGIN_REDIRECT_URL))


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """The form for the second half, a one-time code; answers as sign_in does. Too late: back to the first half."""
    onward, user = _onward(request), _half_signed_in(request)
    if user is None:
        return redirect(f"{reverse('sign-in')}?{urlencode({'next': onward})}")
    if request.method != "POST":
        return _code_form(request, onward)
    if not counted(user.get_username(), second_factor.failures_of(user)):
        return _code_form(request, onward, SLOW_DOWN, 429)
    if not second_factor.take_code(user, request.POST.get("code", "")):
        return _code_form(request, onward, WRONG_CODE, 401)
    forgiven(user.get_username(), second_factor.failures_of(user))
    return _signed_in(request, user, onward)


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


def _first_half_done(request: HttpRequest, user: User, onward: str) -> HttpResponse:
    if not second_factor.is_on(user):
        return _signed_in(request, user, onward)
    # Whatever this browser was before, from here on it is nobody until the code comes.
    request.session.flush()
    request.session[_HALF] = {
        "user": user.pk,
        "until": (timezone.now() + HALF_LIFE).timestamp(),
        "password": user.get_session_auth_hash(),
    }
    return redirect(f"{reverse('sign-in-code')}?{urlencode({'next': onward})}")


def _signed_in(request: HttpRequest, user: User, onward: str) -> HttpResponse:
    # The time of it, the session and the note in the log of looks, in one turn.
    with writing():
        login(request, user, backend=_BACKEND)
        if account_or_none(request) is not None:
            log_look(request, "sign in", "")
    return redirect(onward)


def _half_signed_in(request: HttpRequest) -> User | None:
    half = request.session.get(_HALF)
    if half is None or half["until"] < timezone.now().timestamp():
        return None
    user = User.objects.filter(pk=half["user"], is_active=True).first()
    # A password that was changed meanwhile ends this as it ends sessions.
    return user if user is not None and same(user.get_session_auth_hash(), half["password"]) else None


def _code_form(request: HttpRequest, onward: str, message: Text | None = None, status: int = 200) -> HttpResponse:
    return render(request, "accounts/sign_in_code.html", {"next": onward, "message": message}, status=status)


def _form(request: HttpRequest, onward: str, message: Text | None = None, status: int = 200) -> HttpResponse:
    return render(request, "accounts/sign_in.html", {"next": onward, "message": message}, status=status)


def _onward(request: HttpRequest) -> str:
    onward = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(onward, {request.get_host()}, require_https=request.is_secure())
    return onward if safe else "/"
