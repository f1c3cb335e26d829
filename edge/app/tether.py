"""Runs a Python module in this process, which the kernel ends when its parent dies, however the parent died.

python -m edge.app.tether PARENT_PID MODULE ARGUMENT...
"""

import ctypes
import os
import signal
import sys

# <linux/prctl.h>
PR_SET_PDEATHSIG = 1


def main() -> None:
    """Tie this process to its parent, then become the module."""
    parent_pid, *arguments = sys.argv[1:]
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    # It may have died before the kernel was told.
    if os.getppid() != int(parent_pid):
        sys.exit(f"{parent_pid} has ended")
    # The setting outlives exec, and the module sees a process of its own.
    os.execv(sys.executable, [sys.executable, "-m", *arguments])


if __name__ == "__main__":
    main()
