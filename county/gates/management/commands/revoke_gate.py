"""foregate-county revoke-gate: a gate's token and key are worth nothing from now on; its records stay."""

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from county.gates import enrolling
from county.gates.console import CountyCommand, find_gate, take_gate_id


class Command(CountyCommand):
    help = "立即停用闸机的令牌、密钥和未用代码，已有记录保留。End a gate's token, key and open code; records are kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        take_gate_id(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        gate = find_gate(options["gate_id"])
        enrolling.revoke(gate, timezone.now())
        self.stdout.write(f"已停用 / revoked: {gate.gate_id}")
