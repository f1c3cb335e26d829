"""What the county signs, as files: the roster (docs/roster.md) and the settings (docs/settings.md)."""

from edge.adapters.roster_file.commanded_file import SettingsFile
from edge.adapters.roster_file.keys import read_public_keys
from edge.adapters.roster_file.shelf import FileShelf
from edge.adapters.roster_file.source import RosterFile

__all__ = ["FileShelf", "RosterFile", "SettingsFile", "read_public_keys"]
