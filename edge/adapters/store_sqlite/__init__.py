"""The records' file: SQLite in WAL mode, written by the gate, read and acknowledged by the sync process.

store.py     the port's adapter: append, offer, acknowledge, set aside
reading.py   somebody who only looks: the rows of a file that a gate may be at work on
opening.py   the file is made or refused: tables and triggers, whose it is, whether it is whole
faults.py    what went wrong -> what a technician does about it
"""

from edge.adapters.store_sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
