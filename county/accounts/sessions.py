"""The sessions of browsers, in the database; written in turn with what gates send."""

from typing import Any

from django.contrib.sessions.backends import db

from county.database import writing


class SessionStore(db.SessionStore):
    """Django's, which waits for its turn to write instead of being refused while gates send their backlog."""

    def save(self, must_create: bool = False) -> None:
        """Keep what has changed."""
        with writing():
            super().save(must_create)

    def delete(self, session_key: Any = None) -> None:
        """Forget a session."""
        with writing():
            super().delete(session_key)
