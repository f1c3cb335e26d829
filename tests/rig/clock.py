"""The guest's clock: it has no time service, so a test says what one would."""

import ctypes

from edge.adapters.clock_system import Timex


def say_that_the_clock_is_set() -> None:
    """As a time service would, adjtimex(2): the guest has none."""
    adj_maxerror, adj_esterror, adj_status = 0x0004, 0x0008, 0x0010
    ask = Timex(modes=adj_maxerror | adj_esterror | adj_status, maxerror=0, esterror=0, status=0)
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.adjtimex(ctypes.byref(ask)) >= 0, ctypes.get_errno()
