"""The roster as a file that the county signs: looked up by the gate, replaced whole by the sync (docs/roster.md)."""

from edge.adapters.roster_file.keys import read_public_keys
from edge.adapters.roster_file.shelf import FileShelf
from edge.adapters.roster_file.source import RosterFile

__all__ = ["FileShelf", "RosterFile", "read_public_keys"]
