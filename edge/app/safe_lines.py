"""`foregate safe-lines`: after any end of the gate, its lamps, buzzer and relay are off; systemd runs it each time."""

import tomllib
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from edge.app import bootstrap
from edge.app.config import Config
from edge.app.config_file import load
from edge.core.errors import ConfigError


def lines_of(path: Path, overrides: list[str]) -> Config:
    """The configuration; of one that is refused its pins alone: a mistake elsewhere must not leave a relay on.

    ConfigError: not even the pins can be told.
    """
    try:
        return load(path, overrides)
    except ConfigError:
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
            # A camera that is refused says nothing of the wires; a simulated one has none.
            pins = dict(document.get("pins", {}))
            simulated = document.get("camera", {}).get("kind") in ("sim", "replay")
            if simulated and pins.get("factory", "auto") == "auto":
                pins["factory"] = "mock"
            return Config.model_validate({"camera": {"kind": "lepton"}, "pins": pins})
        except (OSError, ValueError, TypeError, AttributeError, ValidationError):
            pass
        raise


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
