"""`foregate safe-lines`: after any end of the gate, its lamps, buzzer and relay are off; systemd runs it each time."""

from collections.abc import Callable

from edge.app import bootstrap
from edge.app.config import Config


def safe_lines(config: Config, announce: Callable[[str], None]) -> int:
    """Drive every output line to off; 0, or 1 when one of them could not be. GateIOError: there are no pins at all."""
    from edge.adapters.gate_gpio import make_safe, open_factory

    kind = bootstrap.pin_factory(config)
    # Not beside the records: that folder may be what has failed.
    failed = make_safe(bootstrap.wiring(config.pins), open_factory(kind))
    for error in failed:
        announce(str(error))
    if failed:
        return 1
    if kind == "mock":
        announce("没有接引脚，无需处理 / no real pins, nothing to do")
    else:
        announce("灯灭、静音、闸门关闭 / lamps off, silent, gate shut")
    return 0
