"""What is killed: a sync that takes one roster after the other into force, as fast as the disk allows.

python -m tests.system.roster_child FILE KEY_FILE ROSTER...
"""

import sys
from pathlib import Path

from edge.adapters.roster_file import FileShelf, read_public_keys
from edge.core.errors import RosterError
from tests.system.nursery import say, serve


def install(file: str, key_file: str, *rosters: str) -> None:
    """Says `installed VERSION` after each; rosters that are no newer than the one in force are passed over."""
    shelf = FileShelf(Path(file), read_public_keys(Path(key_file)), "第一小学", say)
    for roster in rosters:
        content = Path(roster).read_bytes()
        shelf.begin()
        try:
            for start in range(0, len(content), 4_096):
                shelf.write(content[start : start + 4_096])
            say(f"installed {shelf.install().version}")
        except RosterError as error:
            # Each child begins with the first; what has been in force before is refused.
            if "no newer" not in error.en:
                say(f"refused {error.en}")


if __name__ == "__main__":
    serve(lambda: install(*sys.argv[1:]))
