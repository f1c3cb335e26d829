"""The lock as the Arm userland of the test rig takes it: what the tests import, pinned, without hashes."""

import sys
from pathlib import Path

from tools import deb_lock

ROOT = Path(__file__).parents[1]
# They look at the source or drive a browser, which this machine does as well.
NOT_THERE = (
    *("playwright", "mypy", "mypy-extensions", "ruff", "uv", "import-linter", "grimp", "django-stubs"),
    "ast-serialize",
)


def main() -> None:
    lock = deb_lock.locked(ROOT / "requirements.lock")
    names = {name for name in lock if name not in NOT_THERE and not name.startswith("types-")}
    for line in deb_lock.requirements(names, lock, "3.11", "aarch64").splitlines():
        sys.stdout.write(line.partition(" --hash")[0].strip() + "\n")


if __name__ == "__main__":
    main()
