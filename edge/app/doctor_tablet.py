"""What the doctor asks of the tablets' page: is its certificate there, for how long, and who may read its key."""

import stat
from datetime import UTC, datetime, timedelta
from typing import Literal

from edge.adapters.tablet_certificate import read_certificate
from edge.app.config import Config

SOON = timedelta(days=30)


def certificate(config: Config, now: datetime | None = None) -> tuple[Literal["ok", "warning", "wrong"], str, str]:
    """ConfigError: certificate or key cannot be used."""
    section = config.tablet
    assert section is not None, "asked about where there is one"
    now = now or datetime.now(UTC)
    found = read_certificate(section.certificate, section.key)
    mode = stat.S_IMODE(section.key.stat().st_mode)
    if mode & 0o077:
        return (
            "wrong",
            f"{section.key} 别人可读（权限 {mode:o}）；请运行 chmod 600 {section.key}",
            f"{section.key} can be read by others (mode {mode:o}); chmod 600 {section.key}",
        )
    day = f"{found.until:%Y-%m-%d}"
    if found.until <= now:
        return (
            "wrong",
            f"平板的证书已于 {day} 过期；请运行 foregate tablet --again，再在平板上核对指纹",
            f"the tablets' certificate expired on {day}; foregate tablet --again, then compare it on the tablets",
        )
    if found.until - now < SOON:
        return (
            "warning",
            f"平板的证书 {day} 到期；请尽快运行 foregate tablet --again",
            f"the tablets' certificate expires on {day}; run foregate tablet --again soon",
        )
    return "ok", f"平板的证书有效至 {day}", f"the tablets' certificate is good until {day}"
