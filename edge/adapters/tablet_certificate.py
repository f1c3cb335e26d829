"""The certificate by which tablets know this gate: made here and signed by itself, or by the site's own authority.

A tablet that trusts it knows that it talks to the gate and to nobody in between; its fingerprint is compared once, by
eye. The key (ECDSA P-256, PEM) never leaves the board and is readable by the gate's own user only.
"""

import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkstemp

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge.core.errors import ConfigError

# Its beginning lies a day back: a tablet whose clock is a little slow would call it not yet valid. From then on it may
# last 825 days: Apple's tablets refuse longer ones, also when somebody there trusts them (support.apple.com/HT210176).
EARLIER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Certificate:
    """hosts: the names and addresses it is for; fingerprint: SHA-256, as browsers show it; until: its last moment."""

    hosts: tuple[str, ...]
    fingerprint: str
    until: datetime
    self_signed: bool


def make_key(path: Path) -> None:
    """A new key (mode 600) in place of any old one. ConfigError: it cannot be written."""
    key = ec.generate_private_key(ec.SECP256R1())
    _write(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)


def make_certificate(path: Path, key_file: Path, hosts: Sequence[str], days: int, now: datetime | None = None) -> None:
    """A certificate for these names and addresses, signed with the key itself, good for so many days from now."""
    now = now or datetime.now(UTC)
    key, name = _key(key_file), _name(hosts)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(_alternatives(hosts), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, SHA256())
    )
    _write(path, certificate.public_bytes(Encoding.PEM), 0o644)


def make_request(path: Path, key_file: Path, hosts: Sequence[str]) -> None:
    """A request (PKCS #10, PEM) that an authority signs; the key stays here."""
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(_name(hosts))
        .add_extension(_alternatives(hosts), critical=False)
        .sign(_key(key_file), SHA256())
    )
    _write(path, request.public_bytes(Encoding.PEM), 0o644)


def read_certificate(path: Path, key_file: Path) -> Certificate:
    """What lies there. ConfigError: no certificate, no key, or the two do not belong together."""
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{path}：不是可用的证书（{_reason(error)}）；请运行 foregate tablet --again 重新生成",
            f"{path}: no certificate to be used ({_reason(error)}); make a new one with foregate tablet --again",
        ) from error
    if found.public_key() != _key(key_file).public_key():
        raise ConfigError(
            f"{path} 与密钥 {key_file} 不是一对；请把签好的证书放在那里，或运行 foregate tablet --again",
            f"{path} and the key {key_file} do not belong together; put the signed certificate there, or run"
            " foregate tablet --again",
        )
    try:
        stated = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        hosts = tuple(str(one.value) for one in stated)
    except x509.ExtensionNotFound:
        hosts = ()
    fingerprint = ":".join(f"{byte:02X}" for byte in found.fingerprint(SHA256()))
    return Certificate(hosts, fingerprint, found.not_valid_after_utc, found.issuer == found.subject)


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(
            f"{path}：不是可用的密钥（{_reason(error)}）；请运行 foregate tablet --again 重新生成",
            f"{path}: no key to be used ({_reason(error)}); make a new one with foregate tablet --again",
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ConfigError(
            f"{path}：不是 ECDSA 密钥；请运行 foregate tablet --again 重新生成",
            f"{path}: is no ECDSA key; make a new one with foregate tablet --again",
        )
    return key


def _name(hosts: Sequence[str]) -> x509.Name:
    # At most 64 characters (RFC 5280, upper bounds); what counts are the alternative names.
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0][:64])])


def _alternatives(hosts: Sequence[str]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([_alternative(host) for host in hosts])


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _write(path: Path, pem: bytes, mode: int) -> None:
    """Whole or not at all; whoever owns the folder's services is seen to by who calls."""
    try:
        descriptor, part = mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with open(descriptor, "wb") as file:
                file.write(pem)
                os.fchmod(file.fileno(), mode)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ConfigError(
            f"{path}：无法写入（{error.strerror}）；请检查文件夹，或用 sudo 运行",
            f"{path}: cannot be written ({error.strerror}); check the folder, or run it with sudo",
        ) from error


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
