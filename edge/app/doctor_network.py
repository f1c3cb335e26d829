"""The doctor's questions over the network: does the county take our token, and is the screen's port ours."""

import re
import socket
from typing import Literal

import requests

from edge.adapters.uplink_http import read_token
from edge.app.config import CountySection
from edge.app.config_screen import ScreenSection

Answer = tuple[Literal["ok", "warning", "wrong"], str, str]

TIMEOUT_S = 5.0
MOST_BYTES = 4_096
# Of the guard's page (edge/adapters/web_static/index.html).
OUR_TITLE = "<title>额温闸机"


def _gate_of(response: requests.Response) -> str | None:
    """Whose records the county lists; None when it does not say so in a few bytes."""
    found = re.search(rb'"gate_id": ?"([A-Za-z0-9._-]{1,64})"', next(response.iter_content(MOST_BYTES), b""))
    return None if found is None else found[1].decode()


def ask_county(county: CountySection, own_id: str) -> Answer:
    """Ask for this gate's records, which needs the address, the certificate and the token to be right."""
    token = read_token(county.token_file)
    with requests.Session() as session:
        # A proxy or a .netrc of this user must not change what the service will meet.
        session.trust_env = False
        session.proxies = {"https": county.proxy} if county.proxy else {}
        try:
            with session.get(
                f"{county.url}/api/v1/records?since_seq=0",
                headers={"Authorization": f"Bearer {token}"},
                timeout=TIMEOUT_S,
                allow_redirects=False,
                stream=True,
                verify=str(county.ca_file) if county.ca_file else True,
            ) as response:
                status = response.status_code
                gate_id = _gate_of(response) if status == 200 else None
        except requests.exceptions.SSLError as error:
            return (
                "wrong",
                f"{county.url} 的证书不可信（{_reason(error)}）；请核对 county.ca_file",
                f"the certificate of {county.url} is not trusted ({_reason(error)}); check county.ca_file",
            )
        except (requests.RequestException, OSError) as error:
            return (
                "warning",
                f"{county.url} 没有应答（{_reason(error)}）；记录会保存，恢复后自动上传",
                f"{county.url} does not answer ({_reason(error)}); records are kept and sent once it does",
            )
    if gate_id is not None and gate_id != own_id:
        return (
            "wrong",
            f"令牌属于闸机 {gate_id}，而本机是 {own_id}；请改写 gate.id，或用县里给本机的登记码运行 foregate enrol",
            f"the token belongs to gate {gate_id}, and this is {own_id}: change gate.id, or run foregate enrol with"
            " this gate's own code from the county",
        )
    if status == 200:
        return "ok", f"{county.url} 接受令牌", f"{county.url} takes the token"
    if status in (401, 403):
        return (
            "wrong",
            f"{county.url} 不接受令牌（{status}）；请向县里索取新的登记码，运行 foregate enrol",
            f"{county.url} refuses the token ({status}); ask the county for a new code and run foregate enrol",
        )
    return (
        "wrong",
        f"{county.url} 应答 {status}；请核对网址",
        f"{county.url} answers {status}; check that the address is the county's",
    )


def look_at_port(screen: ScreenSection) -> Answer:
    """Whether the port can be had; one in use is fine when our own page answers there."""
    family = socket.AF_INET6 if ":" in screen.host else socket.AF_INET
    address = (screen.host, screen.port)
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            where = f"{screen.host}:{screen.port}"
            if _serves_our_page(where if family == socket.AF_INET else f"[{screen.host}]:{screen.port}"):
                return "ok", f"http://{where}/ 正在服务", f"http://{where}/ is being served"
            return (
                "wrong",
                f"{where} 不可用（{error.strerror}）；请停止占用它的程序，或改 screen.port",
                f"{where} cannot be used ({error.strerror}); stop what uses it, or change screen.port",
            )
    return "ok", f"{screen.host}:{screen.port} 可用", f"{screen.host}:{screen.port} is free"


def _serves_our_page(where: str) -> bool:
    with requests.Session() as session:
        session.trust_env = False
        try:
            with session.get(f"http://{where}/", timeout=TIMEOUT_S, allow_redirects=False, stream=True) as response:
                return OUR_TITLE.encode() in response.raw.read(MOST_BYTES)
        except (requests.RequestException, OSError):
            return False


def _reason(error: Exception) -> str:
    """The innermost cause in few words: requests wraps urllib3 wraps the socket's own."""
    cause: BaseException = error
    while (inner := cause.__cause__ or cause.__context__) is not None:
        cause = inner
    return (getattr(cause, "strerror", None) or str(cause) or type(cause).__name__)[:120]
