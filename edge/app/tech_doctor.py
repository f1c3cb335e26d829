"""What `foregate doctor` says, asked as a process of its own: it looks at devices that this one holds."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edge.core.errors import ConfigError

WITHIN_S = 60.0
_MAIN = "import sys; from edge.app.cli import main; sys.exit(main())"


def findings(source: Path | None, overrides: Sequence[str]) -> list[dict[str, Any]]:
    """Its findings: name, level, zh, en. ConfigError: it did not answer."""
    config = [] if source is None else ["--config", str(source)]
    given = [word for one in overrides for word in ("--set", one)]
    try:
        done = subprocess.run(  # our own program with the file that the gate was started with
            [sys.executable, "-c", _MAIN, "doctor", "--json", *config, *given],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=WITHIN_S,
            check=False,
        )
        found = json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        raise ConfigError("自检没有结果，请查看日志", "the doctor has not answered; see the log") from error
    return [one for one in found if isinstance(one, dict)]
