"""The way to the county: one PUT per record over HTTPS, kept alive (docs/wire.md).

What requests leaves open is closed here: an answer has one deadline for all its bytes and a largest size, a redirect
is an answer like any other, and no environment variable, .netrc or cookie changes what is sent.
"""

import http.client
import io
import ipaddress
import os
import re
import socket
import ssl
import stat
import time
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, SSLError

from edge.core.errors import UplinkError
from edge.core.outbox import Answer

MAX_ANSWER_BYTES = 65_536
CONNECT_TIMEOUT_S = 5.0
ANSWER_TIMEOUT_S = 15.0
MAX_TOKEN_BYTES = 4_096
# RFC 6750, 2.1: what a bearer token may consist of.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*\Z")


class HttpUplink:
    """Offers records to the county's server; see `edge.ports.Uplink`. For one thread.

    base_url: https://…, plain http only to this very machine. ca_file: certificates to trust (PEM), None: the public
    ones. connect_timeout_s per address; answer_timeout_s from the sent record to the answer's last byte.
    UplinkError: address, token or certificates cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        ca_file: Path | None = None,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        answer_timeout_s: float = ANSWER_TIMEOUT_S,
    ) -> None:
        self._base_url = _checked_url(base_url)
        if not _TOKEN.match(token):
            raise UplinkError(
                "令牌含有不允许的字符；请重新复制县级服务器给出的令牌",
                "the token has characters that no token has; copy it anew from the county's server",
            )
        self._timeout_s = (connect_timeout_s, answer_timeout_s)
        self._session = _Session()
        self._session.trust_env = False
        self._session.verify = True if ca_file is None else _checked_ca(ca_file)
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers.clear()
        self._session.headers.update(
            {
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": "foregate",
            }
        )
        self._session.mount("https://", _Adapter())
        self._session.mount("http://", _Adapter())

    def __repr__(self) -> str:
        return f"HttpUplink({self._base_url!r})"

    def put(self, uuid: str, body: bytes) -> Answer:
        """Offer one record; returns within connect time (per address) plus answer time, plus name resolution."""
        try:
            with self._session.put(
                f"{self._base_url}/api/v1/records/{uuid}",
                data=body,
                timeout=self._timeout_s,
                allow_redirects=False,
                stream=True,
            ) as response:
                content = _read_body(response)
                if content is None:
                    return Answer(None, failure=f"answer {response.status_code} longer than {MAX_ANSWER_BYTES} bytes")
                return Answer(
                    response.status_code, content, retry_after_s=_retry_after_s(response.headers.get("Retry-After"))
                )
        # ValueError: what http.client and urllib3 raise on some malformed answers.
        except (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as error:
            return _failure(error)
        except ValueError as error:
            return Answer(None, failure=f"malformed answer: {error}"[:300])

    def close(self) -> None:
        """Give the connection back. May be called twice."""
        self._session.close()


def read_token(path: Path) -> str:
    """The token in this file, without the line's end. UplinkError: missing, empty, no token, or others may read it."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(MAX_TOKEN_BYTES + 1)
    except OSError as error:
        raise UplinkError(
            f"无法读取令牌文件 {path}（{error.strerror}）；请把县级服务器给出的令牌写入该文件",
            f"cannot read the token file {path} ({error.strerror}); put the token from the county's server into it",
        ) from error
    if mode & stat.S_IRWXO:
        raise UplinkError(
            f"令牌文件 {path} 可被其他用户访问；请执行 chmod 640 {path}，并考虑更换令牌",
            f"other users have access to the token file {path}; run chmod 640 {path} and consider a new token",
        )
    token = content.decode("ascii", errors="replace").strip()
    if len(content) > MAX_TOKEN_BYTES or not _TOKEN.match(token):
        raise UplinkError(
            f"令牌文件 {path} 为空或内容不是令牌；请重新写入县级服务器给出的令牌（仅一行）",
            f"the token file {path} is empty or holds no token; write the county's token into it, one line",
        )
    return token


class _Session(requests.Session):
    # With allow_redirects=False requests still prepares the next hop, and for that reads a redirect's whole body.
    def get_redirect_target(self, resp: requests.Response) -> str | None:
        return None


class _UntilDeadline(io.RawIOBase):
    """A socket's bytes, all of them before one deadline (a socket's own timeout starts anew with every byte)."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, timeout_s: float) -> None:
        self._raw = raw
        self._sock = sock
        self._deadline_s = time.monotonic() + timeout_s

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left_s = self._deadline_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the answer did not end in time")
        self._sock.settimeout(left_s)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Reply(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        # urllib3 has just set the socket's timeout to the answer's, and the record has been sent.
        timeout_s = sock.gettimeout()
        raw = self.fp.detach()
        self.fp = io.BufferedReader(_UntilDeadline(raw, sock, ANSWER_TIMEOUT_S if timeout_s is None else timeout_s))


class _Connection(HTTPConnection):
    response_class = _Reply


class _TlsConnection(HTTPSConnection):
    response_class = _Reply


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


def _checked_url(base_url: str) -> str:
    try:
        parts = urlsplit(base_url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    extra = parts.username is not None or parts.password is not None or parts.query or parts.fragment
    if not host or parts.scheme not in ("http", "https") or extra or base_url != base_url.strip():
        # The address itself is not repeated: it may hold a password.
        raise UplinkError(
            "县级服务器地址无效；请写成 https://主机名[:端口]，不含用户名、密码和参数",
            "the county's address is not valid; write https://host[:port], without user, password or parameters",
        )
    if parts.scheme == "http" and not _is_loopback(host):
        raise UplinkError(
            f"到 {host} 的连接未加密；请改用 https://（http:// 仅允许本机）",
            f"the connection to {host} is not encrypted; use https:// (http:// is for this machine alone)",
        )
    return base_url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _checked_ca(ca_file: Path) -> str:
    try:
        ssl.create_default_context(cafile=str(ca_file))
    except OSError as error:  # ssl.SSLError is one
        raise UplinkError(
            f"无法使用 CA 证书文件 {ca_file}（{error.strerror}）；请放入县级服务器的 PEM 证书",
            f"cannot use the CA file {ca_file} ({error.strerror}); put the county's PEM certificate there",
        ) from error
    return str(ca_file)


def _read_body(response: requests.Response) -> bytes | None:
    """The answer's body as it was sent; None: too long. Raises what urllib3 raises when it ends too early."""
    body = b""
    # One byte more than allowed tells "too long" from "just fits"; only the read after the last byte notices an
    # answer that was cut off.
    while chunk := response.raw.read(MAX_ANSWER_BYTES + 1 - len(body), decode_content=False):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            return None
    return body


def _retry_after_s(header: str | None) -> float | None:
    """Seconds, or a date (RFC 9110, 10.2.3); None: absent or neither. A date counts from the gate's own clock."""
    if header is None:
        return None
    if re.fullmatch(r"[0-9]{1,9}", header.strip()):
        return float(header)
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _failure(error: BaseException) -> Answer:
    """What went wrong, in words for the log; the reason lies deepest in the chain that requests builds."""
    cause: Any = error
    while (inner := _inner(cause)) is not None:
        cause = inner
    connected = not isinstance(cause, NewConnectionError | ConnectTimeoutError | SSLError | ssl.SSLError)
    what = f"{type(cause).__name__}: {cause}"
    if isinstance(cause, ssl.SSLCertVerificationError | SSLError):
        what += "; check the CA file, the host's name and this board's date"
    return Answer(None, failure=what[:300], connected=connected)


def _inner(error: Any) -> BaseException | None:
    reason = getattr(error, "reason", None)
    if isinstance(reason, BaseException):
        return reason
    nested = [arg for arg in getattr(error, "args", ()) if isinstance(arg, BaseException)]
    return nested[0] if nested else None
