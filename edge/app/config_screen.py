"""[screen] and [tablet]: where the guard's page can be seen, by this machine and by tablets in the school's network."""

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from edge.app.config_errors import refused
from edge.app.config_section import FilePath, Section

# What `foregate tablet` makes, beside the configuration.
CERTIFICATE, KEY = "tablet.pem", "tablet.key"
# RFC 1123, 2.1; no scheme, no port, no "*": a page under any other name is refused.
_HOST_NAME = re.compile(
    r"(?=.{1,253}\Z)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\Z"
)


def is_loopback(host: str) -> bool:
    """Whether this name or address can be reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _names(value: object) -> object:
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        raise refused('请写一列主机名，例如 ["gate.example"]', 'write a list of host names, such as ["gate.example"]')
    for name in value:
        if not _HOST_NAME.match(name):
            raise refused(
                f'中的 "{name}" 不是主机名；请只写名称，不带 http:// 和端口，例如 gate.example',
                f'has "{name}", which is no host name; write the name alone, without http:// and port, such as '
                "gate.example",
            )
    return tuple(value)


HostNames = Annotated[tuple[str, ...], BeforeValidator(_names)]


class ScreenSection(Section):
    allow_remote: bool = False
    host: str = Field(default="127.0.0.1", min_length=1, validate_default=True)
    port: int = Field(default=8601, ge=0, le=65535)
    names: HostNames = ()
    people: Literal["name", "class", "nobody"] = "name"

    @field_validator("host")
    @classmethod
    def _host(cls, value: str, info: ValidationInfo) -> str:
        if not is_loopback(value) and not info.data.get("allow_remote", False):
            raise refused(
                "会让同一网络的人都看到屏幕；请写 127.0.0.1，或另加 allow_remote = true",
                "shows the screen to the whole network; write 127.0.0.1, or add allow_remote = true",
            )
        return value


class TabletSection(Section):
    """host: an address of this machine, 0.0.0.0 or :: for all of them; certificate, key: PEM files."""

    host: str = "0.0.0.0"  # a tablet is another machine: this is what the section is written for
    port: int = Field(default=8443, ge=1, le=65535)
    certificate: FilePath = Path(CERTIFICATE)
    key: FilePath = Path(KEY)
    names: HostNames = ()

    @field_validator("host")
    @classmethod
    def _host(cls, value: str) -> str:
        try:
            ipaddress.ip_address(value)
        except ValueError:
            raise refused(
                f'= "{value}" 不是 IP 地址；请写本机的一个地址，或 0.0.0.0（全部）；名称写在 names 里',
                f'= "{value}" is no IP address; write one of this machine\'s, or 0.0.0.0 for all; names go into names',
            ) from None
        return value
