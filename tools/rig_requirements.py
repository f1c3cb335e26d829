"""Which wheels the guest of the test rig needs to run the whole gate: what setup.py names, as far as there are wheels.

python3 tools/rig_requirements.py > requirements.txt
"""

import ast
import sys
from pathlib import Path

SETUP = Path(__file__).parents[1] / "setup.py"
# The rig takes Debian's python3-evdev, which PyPI has as source alone.
WITHOUT_WHEEL = ("evdev",)
# setup.py wants it on the board's processor only; the guest's header is driven through it too.
PINS = 'lgpio>=0.2.2; python_version < "3.13"'


def requirements(setup_text: str) -> list[str]:
    """The requirements of `EDGE` in this setup.py, for the guest."""
    for node in ast.parse(setup_text).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "EDGE":
            named: list[str] = ast.literal_eval(node.value)
            return [one for one in named if not one.startswith((*WITHOUT_WHEEL, "lgpio"))] + [PINS]
    sys.exit("setup.py 里没有 EDGE / there is no EDGE in setup.py")


if __name__ == "__main__":
    sys.stdout.write("\n".join(requirements(SETUP.read_text(encoding="utf-8"))) + "\n")
