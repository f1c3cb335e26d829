"""Where the server listens, and whether it may."""

import ipaddress
import re
from dataclasses import dataclass

from county.core.environment import LOOPBACK_HOSTS
from edge.core.errors import ConfigError

_BIND = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):([0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Bind:
    """A numeric address and a TCP port (0: any free one)."""

    address: str
    port: int

    @property
    def loopback(self) -> bool:
        return ipaddress.ip_address(self.address).is_loopback

    @property
    def ipv6(self) -> bool:
        return ":" in self.address

    def url(self, port: int) -> str:
        """The page's address, at the port that it really got."""
        return f"http://[{self.address}]:{port}/" if self.ipv6 else f"http://{self.address}:{port}/"


def parse_bind(text: str) -> Bind:
    """HOST:PORT with a numeric host ([…] around IPv6) or localhost. ConfigError: it is something else."""
    match = _BIND.fullmatch(text)
    host = (match[1] or match[2]) if match else ""
    try:
        bind = Bind(
            "127.0.0.1" if host == "localhost" else str(ipaddress.ip_address(host)), int(match[3]) if match else 0
        )
    except ValueError:
        bind = None
    if bind is None or bind.port > 65_535:
        raise ConfigError(
            f"--bind {text!r} 无效；请写成 地址:端口，例如 127.0.0.1:8600 或 [::1]:8600",
            f"--bind {text!r} is no address; write it as ADDRESS:PORT, for example 127.0.0.1:8600 or [::1]:8600",
        )
    return bind


def check_reach(bind: Bind, reach_allowed: bool, hosts: tuple[str, ...]) -> None:
    """ConfigError when other machines would reach the server without anybody having said so, or could not use it."""
    if bind.loopback:
        return
    if not reach_allowed:
        raise ConfigError(
            f"{bind.address} 可从其他机器访问，而本服务器不加密：令牌、密码和体温会以明文传输。"
            "请在前面放 TLS 代理并加 --behind-proxy，或在可信网络中加 --allow-remote",
            f"{bind.address} can be reached from other machines, and this server does not encrypt: tokens, passwords "
            "and temperatures would travel in the clear. Put a TLS proxy in front and add --behind-proxy, "
            "or add --allow-remote on a network that you trust",
        )
    if set(hosts) <= set(LOOPBACK_HOSTS):
        raise ConfigError(
            "FOREGATE_COUNTY_HOSTS 只允许本机，其他机器会被拒绝；请设为其他机器使用的域名或地址，以逗号分隔",
            "FOREGATE_COUNTY_HOSTS allows this machine only, all others would be turned away; "
            "set it to the names or addresses that they use, comma between",
        )
