"""foregate-county renew-gate: another code, for a gate with a lost token or key, or one that was revoked."""

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from county.gates import enrolling
from county.gates.console import CountyCommand, find_gate, take_gate_id
from county.gates.management.commands.add_gate import SHOWN_ONCE


class Command(CountyCommand):
    help = (
        "打印新的登记代码；闸机用它登记时，旧令牌和旧密钥失效，旧密钥签过的记录仍可查证。"
        "换了存储卡的闸机从 1 重新编号，请用新编号 add-gate，并停用旧的。"
        "Print another code; once the gate enrols with it, its former token and key are void, and what that key has "
        "signed stays provable. A gate with a new card counts from 1 again: add-gate it under a new id, and revoke the "
        "old one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        take_gate_id(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(enrolling.new_code(find_gate(options["gate_id"]), timezone.now()))
        self.stderr.write(SHOWN_ONCE)
