"""The daily reports, as Django names them."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "county.reports"
    label = "reports"
