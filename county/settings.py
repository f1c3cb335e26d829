"""Django's settings, from the environment's variables (county/core/environment.py names them).

Importing this without any variable works, for tools that look at types only: the key is then thrown away with the
process and the database is in memory. No command and no server starts like that (county/manage.py, county/wsgi.py).
"""

import os
import secrets

from county import database
from county.core import environment
from county.key_file import secret_key

ENVIRONMENT = environment.read(os.environ)
BEHIND_PROXY = ENVIRONMENT.behind_proxy

DEBUG = False
SECRET_KEY = ENVIRONMENT.secret_key or (
    secret_key(ENVIRONMENT.data) if ENVIRONMENT.data is not None else secrets.token_urlsafe(48)
)
ALLOWED_HOSTS = list(ENVIRONMENT.hosts)
ROOT_URLCONF = "county.urls"
WSGI_APPLICATION = "county.wsgi.application"
APPEND_SLASH = False

INSTALLED_APPS = [
    # First: its migrate and changepassword stand for Django's.
    "county.gates",
    "county.accounts",
    "county.rosters",
    "county.fleet",
    "county.policies",
    "county.reports",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "county.accounts.middleware.content_security_policy",
    "county.accounts.middleware.bounded_bodies",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Last: the page that says so asks who is signed in.
    "county.accounts.middleware.without_nul",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {
    "context_processors": ["django.template.context_processors.request", "django.contrib.auth.context_processors.auth"],
}}]  # fmt: skip

DATABASES = {
    "default": database.postgresql(ENVIRONMENT.database, ENVIRONMENT.database_password_file)
    if ENVIRONMENT.database is not None
    else database.sqlite(ENVIRONMENT.data)
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "gates"
LOGOUT_REDIRECT_URL = "sign-in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

SESSION_ENGINE = "county.accounts.sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_NAME = "foregate_county"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_PROXY
CSRF_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 180 * 24 * 3600 if BEHIND_PROXY else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"without_sign_in_links": {"()": "county.accounts.log_filter.WithoutSignInLinks"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_sign_in_links"]},
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # Django's own would mail faults to administrators, who have no address here.
    "loggers": {"django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False}},
}
