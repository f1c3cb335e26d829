"""Where the county's database is: postgresql://USER[:PASSWORD]@HOST[:PORT]/NAME[?…] -> its parts. Pure.

The address is libpq's ("Connection URIs" in PostgreSQL's documentation), of which this much is understood:
?host=/folder (a socket in that folder instead of a HOST), ?sslmode= and ?sslrootcert= (a file, or "system").
A host that is not this machine is spoken to over TLS with its certificate checked unless sslmode says otherwise.
"""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from edge.core.errors import ConfigError

VARIABLE = "FOREGATE_COUNTY_DATABASE"
SSL_MODES = ("disable", "require", "verify-ca", "verify-full")
_LOCAL = ("localhost", "127.0.0.1", "::1")
_QUERY = {"host", "sslmode", "sslrootcert"}


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """The parts of the address. host: a name, an address, or the folder of a socket (it begins with "/").

    password is in no repr and no message; None: none in the address. sslrootcert "": none is checked against.
    """

    user: str
    host: str
    port: int
    name: str
    sslmode: str
    sslrootcert: str
    password: str | None = field(default=None, repr=False)


def parse(url: str) -> DatabaseUrl:
    """The parts. ConfigError: it is no such address; the message never repeats it, a password may be in it."""
    try:
        parts = urlsplit(url)
        port = parts.port or 5432
        # errors: bytes that are no UTF-8 are refused, not replaced.
        user = unquote(parts.username or "", errors="strict")
        password = unquote(parts.password or "", errors="strict")
        name = unquote(parts.path.removeprefix("/"), errors="strict")
        query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query), errors="strict")
    except ValueError:
        # "from None": the cause would quote what it could not read.
        raise _refused("不是网址", "it is no address") from None
    if parts.scheme not in {"postgresql", "postgres"} or parts.fragment:
        raise _refused("须以 postgresql:// 开头", "it begins with postgresql://")
    given = dict(query)
    if len(given) != len(query) or not set(given) <= _QUERY:
        known = "、".join(sorted(_QUERY))
        raise _refused(f"? 之后只认识 {known}，各一次", f"after the ? there are {known}, once each")
    if not user or not name or "/" in name or any(ord(character) < 32 for character in user + name + password):
        raise _refused("须写明用户和数据库名", "it names a user and a database")
    host = _host(parts.hostname or "", given.get("host"))
    sslmode = given.get("sslmode", "disable" if host.startswith("/") or host in _LOCAL else "verify-full")
    if sslmode not in SSL_MODES:
        raise _refused(f"sslmode 可用 {'、'.join(SSL_MODES)}", f"sslmode is one of {', '.join(SSL_MODES)}")
    rootcert = given.get("sslrootcert", "system" if sslmode == "verify-full" else "")
    if sslmode == "verify-ca" and rootcert in {"", "system"}:
        raise _refused("verify-ca 须用 sslrootcert= 指明证书文件", "verify-ca needs sslrootcert=, a certificate's file")
    return DatabaseUrl(user, host, port, name, sslmode, rootcert, password or None)


def _host(named: str, folder: str | None) -> str:
    if folder is None:
        if not named:
            raise _refused(
                "须写明主机，或用 ?host=/文件夹 指明套接字", "it names a host, or a socket with ?host=/folder"
            )
        return named
    if named or not folder.startswith("/"):
        raise _refused(
            "?host= 只用于套接字所在的文件夹（以 / 开头），此时 @ 之后不写主机",
            "?host= is the folder of a socket (it begins with /), and then no host stands after the @",
        )
    return folder


def _refused(zh: str, en: str) -> ConfigError:
    return ConfigError(
        f"{VARIABLE} 有误：{zh}；例如 postgresql://foregate@db.example/foregate",
        f"{VARIABLE} makes no sense: {en}; for example postgresql://foregate@db.example/foregate",
    )
