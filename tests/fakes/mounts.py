"""Disks of a command's own: small, full, read-only. Nobody else sees them, and they are gone with it. Needs root."""

import os
import shutil

CAN_MOUNT = os.geteuid() == 0 and shutil.which("unshare") is not None
# The root of a chroot is no mount point: it cannot be made private, and an emulated machine's is already.
_ALONE = "mount --make-rprivate / 2>/dev/null"


def with_mount(mount: str, *command: str) -> list[str]:
    """The command, for which `mount` (shell) was done before."""
    shell = f'{_ALONE}; {mount} && exec "$@"'
    return ["unshare", "--mount", "--propagation", "unchanged", "sh", "-c", shell, "sh", *command]
