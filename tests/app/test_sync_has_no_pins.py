"""Nothing that comes over the network can move the gate: who talks to the county cannot reach its pins."""

import subprocess
import sys


def test_the_process_that_talks_to_the_county_has_no_pins() -> None:
    asked = (
        "import sys, edge.app.sync_service, edge.adapters.uplink_http\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in ('gpiozero', 'lgpio', 'cv2')"
        " or name.startswith('edge.adapters.gate_gpio')))"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
