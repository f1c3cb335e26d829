"""foregate-county reset-totp: somebody lost the telephone and the recovery codes; signing in asks for none any more."""

from argparse import ArgumentParser
from typing import Any

from county.accounts import second_factor
from county.accounts.console import find_user, take_name
from county.gates.console import CountyCommand
from edge.core.errors import ConfigError


class Command(CountyCommand):
    help = (
        "关闭一个账号的验证码（手机和恢复码都丢失时）；密码不变。"
        "Switch off an account's one-time codes (telephone and recovery codes are lost); the password stays."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        take_name(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        user = find_user(options["name"])
        if not second_factor.end(user):
            raise ConfigError(
                f"{options['name']} 没有开启验证码；无需重设",
                f"{options['name']} has no one-time codes; nothing to reset",
            )
        self.stdout.write(f"已关闭验证码 / one-time codes are off: {user.username}")
