"""The Django app of the people who sign in: what each may do, and what each has looked at."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "county.accounts"
    verbose_name = "账号 / accounts"
