"""The Django app of the fleet: how all gates are, and how far each school's are."""

from django.apps import AppConfig


class FleetConfig(AppConfig):
    name = "county.fleet"
    verbose_name = "设备 / fleet"
