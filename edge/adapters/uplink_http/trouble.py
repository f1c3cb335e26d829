"""What went wrong on the way to the county -> what a technician does about it."""

import ssl
from typing import Any

from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProxyError, SSLError

from edge.core.answer import CHECK_NETWORK, Answer, printable
from edge.core.texts import Text

# OpenSSL's numbers (X509_V_ERR_…, openssl/x509_vfy.h).
_NOT_YET_VALID, _EXPIRED = 9, 10
_OTHER_NAME = (62, 64)

_DATE = Text(
    "请先核对本机日期（timedatectl）；日期无误则请县级管理员更换证书",
    "check this board's date first (timedatectl); if it is right, the county's administrator renews the certificate",
)
_NAME = Text(
    "证书是发给另一个名称的；请把 county.url 写成证书上的名称，若地址无误，请报告县级管理员",
    "the certificate is for another name; write county.url with the name it is for, and if the address is right, tell"
    " the county's administrator",
)
_ISSUER = Text(
    "证书不是 county.ca_file（未写则为公共机构）所签发；请向县里索取其 CA 证书并写入 county.ca_file，"
    "若原先正常，可能有人截听，请报告县级管理员",
    "the certificate was not issued by county.ca_file (without it: by a public authority); ask the county for its CA's"
    " certificate and name it in county.ca_file; if it was right before, somebody may be listening in: tell the"
    " county's administrator",
)
_NO_TLS = Text(
    "对方不是可用的 https 服务；请核对 county.url 的主机名和端口",
    "what answers there does not speak https properly; check host and port of county.url",
)
_PROXY = Text(
    "代理不可用或不放行；请核对 county.proxy，并请网络管理员放行县级服务器",
    "the proxy is away or does not let this through; check county.proxy and have the network's administrator allow the"
    " county's server",
)


def no_answer(error: BaseException) -> Answer:
    """An answer that did not come, in words for the log; the reason lies deepest in the chain that requests builds."""
    cause: Any = error
    through_proxy = False
    while (inner := _inner(cause)) is not None:
        cause = inner
        through_proxy = through_proxy or isinstance(cause, ProxyError)
    unasked = isinstance(cause, NewConnectionError | ConnectTimeoutError | SSLError | ssl.SSLError)
    failure = printable(f"{type(cause).__name__}: {cause}")
    return Answer(
        None,
        failure=failure,
        connected=not (unasked or through_proxy),
        advice=_PROXY if through_proxy else _advice(cause),
    )


def _advice(cause: Any) -> Text:
    if isinstance(cause, ssl.SSLCertVerificationError):
        code = cause.verify_code
        if code in (_NOT_YET_VALID, _EXPIRED):
            return _DATE
        # Python checks an address by itself, without a number, when OpenSSL cannot.
        return _NAME if code in _OTHER_NAME else _ISSUER
    return _NO_TLS if isinstance(cause, SSLError | ssl.SSLError) else CHECK_NETWORK


def _inner(error: Any) -> BaseException | None:
    for name in ("reason", "original_error"):
        reason = getattr(error, name, None)
        if isinstance(reason, BaseException):
            return reason
    nested = [arg for arg in getattr(error, "args", ()) if isinstance(arg, BaseException)]
    return nested[0] if nested else None
