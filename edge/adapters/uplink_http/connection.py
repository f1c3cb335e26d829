"""One connection to the county over HTTPS, kept alive, that nothing but the configuration leads.

What requests leaves open is closed here: an answer has one deadline for all its bytes and a largest size, a redirect
is an answer like any other, and no environment variable, .netrc or cookie changes what is sent.
"""

import http.client
import io
import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping
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

from edge.adapters.uplink_http.token import is_token
from edge.adapters.uplink_http.trouble import no_answer
from edge.core.answer import Answer, printable
from edge.core.errors import UplinkError

# 500 answers of a batch, and as many refusals in two languages.
MAX_ANSWER_BYTES = 524_288
CONNECT_TIMEOUT_S = 5.0
ANSWER_TIMEOUT_S = 15.0
PIECE_BYTES = 65_536


class CountyConnection:
    """Asks the county's server one thing at a time. For one thread.

    base_url: https://…, plain http only to this very machine. token: None before the gate has one. ca_file: the only
    certificates to trust (PEM), None: the public ones. proxy: http://host:port through which https goes, end to end
    encrypted (RFC 9110, 9.3.6: CONNECT). connect_timeout_s per address, and for each 16 KiB that are sent;
    answer_timeout_s from the sent request to the answer's last byte.
    UplinkError: address, token or certificates cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        token: str | None,
        ca_file: Path | None,
        connect_timeout_s: float,
        answer_timeout_s: float,
        proxy: str | None = None,
    ) -> None:
        self.base_url = _checked_url(base_url)
        if token is not None and not is_token(token):
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
        self._session.headers.update({"Accept-Encoding": "identity", "User-Agent": "foregate"})
        if token is not None:
            self._session.headers["Authorization"] = f"Bearer {token}"
        # Only https: what is not encrypted end to end shows the token to the proxy, and never leaves this machine.
        self._session.proxies = {} if proxy is None else {"https": proxy}
        self._session.mount("https://", _Adapter())
        self._session.mount("http://", _Adapter())

    def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        take: Callable[[bytes], None] | None = None,
    ) -> Answer:
        """One request; returns within connect time (per address) plus answer time, plus name resolution.

        take: is given the body of a 200, of any length, piece by piece; the answer's own is empty then. Its faults,
        which must be ForegateErrors, go through; nothing else is raised.
        """
        try:
            with self._session.request(
                method,
                self.base_url + path,
                # A file: each piece of it has a time-out of its own, and a slow line is not mistaken for a dead one.
                data=None if body is None else io.BytesIO(body),
                headers=headers,
                timeout=self._timeout_s,
                allow_redirects=False,
                stream=True,
            ) as response:
                return _answer(response, take)
        # ValueError: what http.client and urllib3 raise on some malformed answers.
        except (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as error:
            return no_answer(error)
        except ValueError as error:
            return Answer(None, failure=printable(f"malformed answer: {error}"))

    def close(self) -> None:
        """Give the connection back. May be called twice."""
        self._session.close()


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

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
        return manager


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


def _answer(response: requests.Response, take: Callable[[bytes], None] | None) -> Answer:
    if take is not None and response.status_code == 200:
        while piece := response.raw.read(PIECE_BYTES, decode_content=False):
            take(piece)
        return Answer(200)
    content = _read_body(response)
    if content is None:
        return Answer(None, failure=f"answer {response.status_code} longer than {MAX_ANSWER_BYTES} bytes")
    return Answer(response.status_code, content, retry_after_s=_retry_after_s(response.headers.get("Retry-After")))


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
