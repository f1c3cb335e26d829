"""`foregate tablet`: the certificate of the tablets' page, its fingerprint, and the address to open."""

import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from edge.adapters import tablet_certificate
from edge.app.config import Config
from edge.app.config_file import load
from edge.app.config_screen import CERTIFICATE, KEY, TabletSection
from edge.core.errors import ConfigError

# TEST-NET-1 (RFC 5737): nothing is sent there, the kernel only tells which of our addresses it would send from.
_ANYWHERE = ("192.0.2.1", 9)

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """addresses: for which the certificate is besides the names of the configuration; none: the machine's own."""

    addresses: Sequence[str] = ()
    days: int = 730
    request: bool = False
    again: bool = False


def tablet(path: Path, overrides: Sequence[str], options: Options, say: Say) -> int:
    """Make what is missing, tell what there is; 0. ConfigError: it cannot be made, or cannot be used."""
    config = load(path, overrides)
    section = config.tablet or TabletSection(
        certificate=path.absolute().with_name(CERTIFICATE), key=path.absolute().with_name(KEY)
    )
    hosts = _hosts(section, options.addresses)
    if options.again or not section.key.exists():
        tablet_certificate.make_key(section.key)
        _hand_over(config, section.key)
    if options.request:
        return _ask_for_one(section, hosts, say)
    if options.again or not section.certificate.exists():
        tablet_certificate.make_certificate(section.certificate, section.key, hosts, options.days)
    _tell(section, say)
    if config.tablet is None:
        say(
            f"还没有启用：请在 {path} 中写入 [tablet] 一节，然后 sudo systemctl restart foregate-gate\n"
            f"not in use yet: write the section [tablet] into {path}, then sudo systemctl restart foregate-gate"
        )
    return 0


def _ask_for_one(section: TabletSection, hosts: Sequence[str], say: Say) -> int:
    request = section.certificate.with_suffix(".csr")
    tablet_certificate.make_request(request, section.key, hosts)
    say(
        f"请证书机构签发 {request}（{', '.join(hosts)}），把签好的证书连同中间证书放在 {section.certificate}，"
        "再运行 foregate tablet 核对\n"
        f"have your authority sign {request} ({', '.join(hosts)}), put the certificate, followed by those in between,"
        f" at {section.certificate}, and run foregate tablet again to check it"
    )
    return 0


def _tell(section: TabletSection, say: Say) -> None:
    found = tablet_certificate.read_certificate(section.certificate, section.key)
    say(f"证书 / certificate: {section.certificate}")
    say(f"  用于 / for: {', '.join(found.hosts)}")
    say(f"  有效至 / valid until: {found.until:%Y-%m-%d}")
    say(f"  SHA-256 指纹 / fingerprint:\n    {found.fingerprint}")
    for host in found.hosts:
        say(f"平板上打开 / open on the tablet: https://{_in_url(host)}:{section.port}/")
    if found.self_signed:
        say(
            "自签证书：每台平板第一次打开时核对指纹，再信任它\n"
            "signed by itself: on each tablet compare the fingerprint once, then trust it"
        )


def _hosts(section: TabletSection, addresses: Sequence[str]) -> list[str]:
    """Whatever a tablet may write into its address bar."""
    for address in addresses:
        try:
            ip_address(address)
        except ValueError as error:
            raise ConfigError(
                f"--address {address} 不是 IP 地址；名称请写在 [tablet] names 里",
                f"--address {address} is no IP address; names go into [tablet] names",
            ) from error
    found = [*section.names, *addresses]
    if not addresses and not ip_address(section.host).is_unspecified:
        found.append(section.host)
    elif not addresses:
        found += _own_address()
    if not found:
        raise ConfigError(
            "不知道平板用什么地址打开；请写 --address 本机地址，例如 --address 192.168.1.20",
            "it is not known under which address tablets open it; give --address, such as --address 192.168.1.20",
        )
    return list(dict.fromkeys(found))


def _own_address() -> list[str]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(_ANYWHERE)
        except OSError:
            return []  # No network: the technician says it.
        return [str(asking.getsockname()[0])]


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _hand_over(config: Config, key: Path) -> None:
    """What root has made belongs to whoever the service runs as, who owns the records' folder."""
    if os.geteuid() == 0:
        folder = config.store.path.absolute().parent.stat()
        os.chown(key, folder.st_uid, folder.st_gid)
