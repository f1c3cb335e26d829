"""The Django app of the rosters that the county signs."""

from django.apps import AppConfig


class RostersConfig(AppConfig):
    name = "county.rosters"
    verbose_name = "名单 / rosters"
