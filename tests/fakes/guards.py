"""Guards in memory."""

from edge.core.pin_rule import check_pin


class FakeGuards:
    """See `edge.ports.Guards`; with `add` for tests."""

    def __init__(self) -> None:
        self._guards: dict[str, tuple[str, str]] = {}

    def add(self, guard_id: str, role: str, pin: str) -> None:
        check_pin(pin, guard_id)
        self._guards[guard_id] = role, pin

    def remove(self, guard_id: str) -> None:
        del self._guards[guard_id]

    def role(self, guard_id: str) -> str | None:
        return self._guards.get(guard_id, (None, ""))[0]

    def knows(self, guard_id: str, pin: str) -> bool:
        return guard_id in self._guards and self._guards[guard_id][1] == pin
