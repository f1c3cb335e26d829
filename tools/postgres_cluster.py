"""A throw-away PostgreSQL: its files in a folder of its own, a socket instead of TCP, gone when the block ends.

with cluster() as server:
    url = server.create("county")      # postgresql://foregate@/county?host=…

PostgreSQL refuses to run as root; started by root it runs as `nobody`, in a folder that is nobody else's.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

USER = "foregate"
UNPRIVILEGED = "nobody"
PATIENCE_S = 60
ABSENT = "PostgreSQL 未安装 / is not installed: sudo apt install postgresql"
# What tests need not wait for; a server that is asked how fast it is keeps its own.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; folder: of its socket; pid: of the process that has started all of its others."""

    folder: Path
    pid: int

    def url(self, name: str) -> str:
        """The address of a database of this name, as FOREGATE_COUNTY_DATABASE takes it."""
        return f"postgresql://{USER}@/{name}?host={self.folder}"

    def create(self, name: str, like: str = "template1") -> str:
        """Make a database, a copy of another one to which nobody is connected; its address."""
        self._ask(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8' LOCALE 'C.UTF-8'").format(
                sql.Identifier(name), sql.Identifier(like)
            )
        )
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database; whoever is still connected to it is disconnected."""
        self._ask(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _ask(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


def programs() -> Path | None:
    """The folder of initdb and pg_ctl, Debian's newest; None: PostgreSQL is not installed."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(folders, key=lambda folder: [int(part) for part in folder.parts[-2].split(".")], default=None)


@contextmanager
def cluster(*settings: str) -> Iterator[Server]:
    """A server with these settings ("name=value") beside its own. RuntimeError: it is not installed or does not start.

    A path of a socket may have 107 characters, so the folder lies directly in the system's temporary one.
    """
    binaries = programs()
    if binaries is None:
        raise RuntimeError(ABSENT)
    folder = Path(tempfile.mkdtemp(prefix="foregate-pg-"))
    account = _account()
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    data, log = folder / "data", folder / "log"

    def run(program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(binaries / program), "-D", str(data), *arguments],
            cwd=folder,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            user=account.pw_uid if account is not None else None,
            group=account.pw_gid if account is not None else None,
            extra_groups=[] if account is not None else None,
            # Not a pipe: the server inherits it and would keep it open.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE_S,
            check=False,
        )
        if done.returncode != 0:
            told = log.read_text(errors="replace")[-2000:] if log.exists() else ""
            raise RuntimeError(f"{program} {' '.join(arguments)}: exit code {done.returncode}\n{told}")

    # mmap: in the cluster's own folder; what lies in /dev/shm has gone away under a running server of nobody's.
    own = ("listen_addresses=", f"unix_socket_directories={folder}", "dynamic_shared_memory_type=mmap")
    options = " ".join(f"-c {one}" for one in (*own, *settings))
    try:
        # trust: whoever can enter the folder; mkdtemp made it for one user.
        run("initdb", "--username", USER, "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")
        run("pg_ctl", "start", "--wait", "--log", str(log), "-o", options)
        try:
            yield Server(folder, int((data / "postmaster.pid").read_text().split()[0]))
        finally:
            run("pg_ctl", "stop", "--wait", "--mode", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> pwd.struct_passwd | None:
    """Whom the server runs as when root starts it; None: whoever starts it."""
    return pwd.getpwnam(UNPRIVILEGED) if os.geteuid() == 0 else None
