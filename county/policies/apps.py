"""The Django app of the gates' settings: what a school's gates go by beyond what each site has configured."""

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    name = "county.policies"
    verbose_name = "闸机设置 / the gates' settings"
