"""Runs the server: our own listening socket, gunicorn around Django, one process with threads.

One process on SQLite, which has one writer at a time, and whose writers are queued within the process
(county/database.py); on PostgreSQL as many as there are cores to spare. Threads, because a request waits for the disk.
"""

import errno
import logging
import os
import socket
import struct
import sys
from typing import Any, Protocol

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connections
from gunicorn.app.base import BaseApplication

from county.accounts.log_filter import WithoutSignInLinks
from county.core.bind import Bind
from edge.core.errors import ConfigError

# A gate that falls silent in the middle of a request gives its thread back after so long.
SILENCE_S = 15
BACKLOG = 128


class _Worker(Protocol):
    age: int


def serve(bind: Bind, threads: int, workers: int = 1) -> None:
    """Listen and serve until SIGTERM or SIGINT, then leave with exit code 0. ConfigError: it cannot listen there."""
    listener = _listen(bind)
    call_command("clearsessions")
    # The server forks: an SQLite connection must not live on in the child.
    connections.close_all()
    address = bind.url(listener.getsockname()[1])
    # gunicorn writes past the settings' handlers, and quotes request lines that it does not understand.
    logging.getLogger("gunicorn.error").addFilter(WithoutSignInLinks())

    def ready(worker: _Worker) -> None:
        if worker.age == 1:
            sys.stdout.write(f"县级服务器已就绪 / county ready: {address}\n")
            sys.stdout.flush()

    _Server(
        bind=f"fd://{listener.detach()}",
        worker_class="gthread",
        workers=workers,
        threads=threads,
        preload_app=True,
        graceful_timeout=10,
        loglevel="warning",
        control_socket_disable=True,
        # Whether a proxy is believed is decided once, in the settings.
        forwarded_allow_ips="",
        proc_name="foregate-county",
        post_worker_init=ready,
    ).run()


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, **options: Any) -> None:
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return get_wsgi_application()


def _listen(bind: Bind) -> socket.socket:
    # Bound here and not by gunicorn, which would try five times and then name no remedy.
    listener = socket.socket(socket.AF_INET6 if bind.ipv6 else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # The kernel hands both limits on to accepted connections (struct timeval: seconds, microseconds).
    for limit in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        listener.setsockopt(socket.SOL_SOCKET, limit, struct.pack("ll", SILENCE_S, 0))
    try:
        listener.bind((bind.address, bind.port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise _cannot_listen(bind, error) from error
    return listener


def _cannot_listen(bind: Bind, error: OSError) -> ConfigError:
    where = f"{bind.address}:{bind.port}"
    if error.errno == errno.EADDRINUSE:
        return ConfigError(
            f"{where} 已被占用；请停止占用它的程序，或用 --bind 换一个端口",
            f"{where} is in use; stop the program that uses it, or choose another port with --bind",
        )
    reason = os.strerror(error.errno or 0)
    return ConfigError(
        f"无法监听 {where}（{reason}）；请用 --bind 给出本机的地址和 1024 以上的端口",
        f"cannot listen at {where} ({reason}); give --bind an address of this machine and a port above 1024",
    )
