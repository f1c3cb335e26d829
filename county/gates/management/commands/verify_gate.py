"""foregate-county verify-gate: whether the records that are kept of a gate are all there, as the gate signed them."""

from argparse import ArgumentParser
from itertools import islice
from typing import Any

from county.gates.console import CountyCommand, find_gate, take_gate_id
from county.gates.models import Anomaly
from county.gates.verifying import breaks_of
from edge.core.errors import ConfigError

SHOWN = 20


class Command(CountyCommand):
    help = (
        "检查保存的记录链：签名、前后衔接、内容指纹、缺失。"
        "Check the chain of records that is kept: signatures, order, contents' fingerprints, holes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        take_gate_id(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        gate = find_gate(options["gate_id"])
        found = list(islice(breaks_of(gate), SHOWN + 1))
        for one in found[:SHOWN]:
            self.stdout.write(f"{one.seq}: {one.why}")
        if anomalies := Anomaly.objects.filter(gate=gate).count():
            self.stdout.write(f"另有异常 {anomalies} 项 / anomalies on file: {anomalies}")
        if found:
            more = "…" if len(found) > SHOWN else ""
            raise ConfigError(
                f"{gate.gate_id} 的记录链在以上序号处断开{more}；请对照闸机上的 foregate verify 与数据库备份",
                f"the chain of {gate.gate_id} breaks at the numbers above{more}; compare with foregate verify at the"
                " gate and with a backup of the database",
            )
        self.stdout.write(f"{gate.gate_id}：{gate.records} 条记录，链完整 / {gate.records} records, the chain is whole")
