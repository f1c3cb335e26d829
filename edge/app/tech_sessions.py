"""Who has signed in at the technician's pages, and until when without a further act."""

import secrets
import threading
from collections import deque
from collections.abc import Callable

from edge.ports import Guards

SIGN_IN_S = 1800.0
MOST_SESSIONS = 4
WRONG_PINS, WRONG_WITHIN_S = 5, 60.0


class TechSessions:
    """Of one gate; for several threads."""

    def __init__(self, technicians: Guards, now_s: Callable[[], float]) -> None:
        self._technicians, self._now_s = technicians, now_s
        self._lock = threading.Lock()
        self._held: dict[str, tuple[str, float]] = {}
        self._wrong: deque[float] = deque(maxlen=WRONG_PINS)

    def sign_in(self, who: str, pin: str) -> tuple[str | None, str]:
        """(secret, code); no secret: `wrong_pin` or `too_many_tries`. Takes a tenth of a second and more."""
        tried_s = self._now_s()
        with self._lock:
            if len(self._wrong) == WRONG_PINS and tried_s - self._wrong[0] < WRONG_WITHIN_S:
                return None, "too_many_tries"
            # Counted before it is checked: many at once are many tries.
            self._wrong.append(tried_s)
        if not self._technicians.knows(who, pin) or self._technicians.role(who) is None:
            return None, "wrong_pin"
        secret = secrets.token_urlsafe(32)
        with self._lock:
            if tried_s in self._wrong:
                self._wrong.remove(tried_s)
            while len(self._held) >= MOST_SESSIONS:
                del self._held[next(iter(self._held))]
            self._held[secret] = who, self._now_s() + SIGN_IN_S
        return secret, "signed_in"

    def sign_out(self, secret: str | None) -> None:
        """That session is over."""
        with self._lock:
            self._held.pop(secret or "", None)

    def who(self, secret: str | None, acts: bool) -> str | None:
        """Whose session this is; None: nobody's any more. acts: it lasts on from now."""
        now_s = self._now_s()
        with self._lock:
            held = self._held.get(secret or "")
            # Whoever was taken off the list since is nobody.
            if secret is None or held is None or now_s > held[1] or self._technicians.role(held[0]) is None:
                self._held.pop(secret or "", None)
                return None
            if acts:
                self._held[secret] = held[0], now_s + SIGN_IN_S
            return held[0]
