"""The Django app of gates and their records."""

from django.apps import AppConfig


class GatesConfig(AppConfig):
    name = "county.gates"
    verbose_name = "闸机 / gates"
