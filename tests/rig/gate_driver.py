"""A gate without camera and loop: holds the pins of a configuration and does what it is told, line by line.

python -m tests.rig.gate_driver gate.toml [COMMANDS]     from the standard input, or from the file COMMANDS whenever
                                                         there is one (which it removes), under systemd's watchdog

show NAME    a signal of edge.core.signals.SIGNALS
inputs       what the contacts told
spin         be busy for ever, as a loop with a defect is
"""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from edge.app import bootstrap
from edge.app.config_file import load
from edge.core.signals import SIGNALS
from edge.ports import GateIO


def main(config: str, commands: str | None = None) -> None:
    watchdog = bootstrap.open_watchdog()
    gate_io = bootstrap.open_gate_io(load(Path(config)))
    watchdog.ready()
    _say("ready")
    try:
        for words in sys.stdin if commands is None else _lines(Path(commands), watchdog.alive):
            _say(json.dumps(_obey(gate_io, *words.split())))
    finally:
        gate_io.close()


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def _lines(path: Path, alive: object) -> Iterator[str]:
    assert callable(alive)
    while True:
        alive()
        time.sleep(0.05)
        if path.exists():
            lines = path.read_text().splitlines()
            path.unlink()
            yield from lines


def _obey(gate_io: GateIO, verb: str, name: str = "") -> object:
    if verb == "show":
        gate_io.show(SIGNALS[name])
        return None
    while verb == "spin":
        pass
    return [(one.kind, one.active, one.opened_by) for one in gate_io.inputs()]


if __name__ == "__main__":
    main(*sys.argv[1:])
