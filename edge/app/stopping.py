"""Ctrl-C and SIGTERM as an event that loops look at."""

import signal
import socket
import threading
from types import FrameType


def stopped_by_signals() -> threading.Event:
    """Set by Ctrl-C or SIGTERM; a second Ctrl-C interrupts at once."""
    stop = threading.Event()
    seen: list[int] = []
    # The handler must not set the event itself: it runs on the main thread, which may be holding the event's lock.
    heard, tell = socket.socketpair()
    tell.setblocking(False)
    signal.set_wakeup_fd(tell.fileno())

    def on_signal(number: int, frame: FrameType | None) -> None:
        seen.append(number)
        if len(seen) > 1 and number == signal.SIGINT:
            raise KeyboardInterrupt

    def listen() -> None:
        # Held here, so that the fd the kernel's wake-ups go to stays open as long as this thread.
        with heard, tell:
            while heard.recv(1):
                stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    threading.Thread(target=listen, name="signals", daemon=True).start()
    return stop
