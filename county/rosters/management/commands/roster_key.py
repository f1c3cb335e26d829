"""foregate-county roster-key: the public key that gates pin; the signing key is made at the first call."""

from typing import Any

from django.conf import settings

from county.core import environment
from county.gates.console import CountyCommand
from county.rosters.signing import make_key, public_line


class Command(CountyCommand):
    help = (
        "打印名单公钥（一行），存入每台闸机的 roster.key_file；首次运行时生成签名密钥。"
        "Print the public key, one line for every gate's roster.key_file; the first call makes the signing key."
    )
    needs_tables = False

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(public_line(make_key(environment.need_data(settings.ENVIRONMENT))))
