"""lgpio for Debian 13's Python, built from the locked source: the index has no wheel of it, Debian 13 no package.

Compiled in a throw-away Debian 13 of this machine's processor, for both processors, by Debian's own compilers. It needs
mmdebstrap, a network, and root or user namespaces.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from tools import deb_lock

PYTHON, SUITE = "3.13", "trixie"
# By Debian's name of the processor: the compiler's and Python's name of it.
TRIPLETS = {"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}
BUILD = """set -e
cd /tmp
tar xf /lgpio.tar.gz
cd lgpio-*
export PYPI=1 CC={triplet}-gcc LDSHARED="{triplet}-gcc -shared"
export _PYTHON_HOST_PLATFORM=linux-{machine} _PYTHON_SYSCONFIGDATA_NAME=_sysconfigdata__{triplet}
python3 -m pip -q wheel --no-cache-dir --no-deps --no-index --use-pep517 --no-build-isolation -w /out .
rm -rf /tmp/lgpio-*
"""


def requirement(pins: deb_lock.Locked) -> str:
    """Its line for pip, the hash aside: for the Python that the lock's wheels are not for."""
    return f"{deb_lock.PINS}=={pins.version} ; python_version >= '{PYTHON}'"


def wheels(pins: deb_lock.Locked, folder: Path) -> dict[str, Path]:
    """By processor (amd64, arm64) the wheel; those that an earlier build has left in the folder are taken as they are.

    SystemExit: they cannot be built here.
    """
    folder = folder / f"{deb_lock.PINS}-{pins.version}"
    if not (found := _there(folder)):
        folder.mkdir(parents=True, exist_ok=True)
        _build(_source(pins, folder), folder)
        found = _there(folder)
    return found


def _there(folder: Path) -> dict[str, Path]:
    tag = "cp" + PYTHON.replace(".", "")
    named = {arch: f"*-{tag}-{tag}-linux_{triplet.partition('-')[0]}.whl" for arch, triplet in TRIPLETS.items()}
    found = {arch: next(folder.glob(name), None) for arch, name in named.items()}
    return {arch: wheel for arch, wheel in found.items() if wheel} if all(found.values()) else {}


def _source(pins: deb_lock.Locked, folder: Path) -> Path:
    """The source of the locked version, checked by the lock's hash."""
    listed = folder / "requirements.txt"
    hashes = " ".join(f"--hash={each}" for each in pins.hashes)
    listed.write_text(f"{deb_lock.PINS}=={pins.version} {hashes}\n", encoding="utf-8")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "-qq", "download", "--no-deps")
    # Its metadata are made by running its setup.py: with the setuptools that is here, nothing else is fetched.
    only = ("--no-binary=:all:", "--no-build-isolation", "--require-hashes")
    _run(*pip, *only, "-d", str(folder), "-r", str(listed))
    return next(folder.glob("*.tar.gz"))


def _build(source: Path, folder: Path) -> None:
    here = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=False).stdout.strip()
    if here not in TRIPLETS or not shutil.which("mmdebstrap"):
        sys.exit(
            "没有 mmdebstrap，无法为 Debian 13 编译 lgpio；请在 Debian 上运行 sudo apt install mmdebstrap\n"
            "no mmdebstrap to build lgpio for Debian 13 with; on Debian, run: sudo apt install mmdebstrap"
        )
    others = [arch for arch in TRIPLETS if arch != here]
    compilers = ["gcc", *(f"gcc-{TRIPLETS[arch].replace('_', '-')}" for arch in others)]
    headers = [f"libpython3-dev:{arch}" for arch in TRIPLETS] + [f"libc6-dev-{arch}-cross" for arch in others]
    tools = ["ca-certificates", "swig", "python3", "python3-setuptools", "python3-wheel", "python3-pip"]
    script = folder / "build.sh"
    script.write_text(
        "".join(BUILD.format(triplet=each, machine=each.partition("-")[0]) for each in TRIPLETS.values()),
        encoding="utf-8",
    )
    _run(
        *("mmdebstrap", "--quiet", "--variant=minbase", "--format=null"),
        f"--architectures={','.join([here, *others])}",
        f"--include={','.join(tools + compilers + headers)}",
        f"--customize-hook=upload '{source}' /lgpio.tar.gz",
        f"--customize-hook=upload '{script}' /build.sh",
        '--customize-hook=chroot "$1" sh /build.sh',
        f"--customize-hook=copy-out /out '{folder}'",
        *(SUITE, "/dev/null"),
    )
    for wheel in (folder / "out").glob("*.whl"):
        wheel.replace(folder / wheel.name)
    (folder / "out").rmdir()


def _run(*command: str) -> None:
    if subprocess.run(command, check=False).returncode:
        sys.exit(
            "无法为 Debian 13 编译 lgpio：原因见上；需要网络，并需要 root 或用户命名空间\n"
            "lgpio for Debian 13 could not be built: the reason stands above; it takes a network, and root or user "
            "namespaces"
        )
