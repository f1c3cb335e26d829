"""What was seen on simulated boards, into docs/proved-board.md: python3 -m tools.proved NAME LOG [PAGE].

NAME: the test (`guest_lines`, `host_power_cuts`, `arm64`, or `arm64_core` for a part of that); LOG: what it printed.
Its section is written anew, the other ones stay. The standard library alone: tools/rig.sh runs it before anything is
installed.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "proved-board.md"
HEAD = """\
# 在模拟的板子上看到的：各项试验 / What was seen on simulated boards, test by test

由 `make rig`、`make rig-power`、`make arm64-test` 写成，请勿手改；安装包的见 [proved-install](proved-install.md)。
板子是模拟的，处理器由软件仿真：行为作数，时间不作数。真实的树莓派、相机、读卡器尚未试过。
Written by `make rig`, `make rig-power` and `make arm64-test`: do not edit; the packages have a page of their own,
[proved-install](proved-install.md). The boards are simulated and their processors emulated: behaviour counts, times do
not. A physical Pi, camera and reader are untried.
"""
# unittest's own words; a docstring stands on a line between name and result, and a log may come in between.
TEST = re.compile(r"(?ms)^test_(\w+) \([\w.]+\)(?:(?!^test_).)*?\.\.\. (?:(?!^test_).)*?\b(ok|FAIL|ERROR|skipped)\b")
RAN = re.compile(r"(?m)^Ran \d+ tests?")
PYTEST = re.compile(r"(?m)^=*\s*(\d+ (?:passed|failed)[^\n]*?) in [\d.]+s.*$")
# The words of rig and systemctl: how long it took to boot, what was switched off.
NOISE = ("vm: ", "== ", "rig: ", "Removed ")


def main(name: str, log: Path, page: Path = PAGE) -> None:
    """Write the section of this test anew."""
    sections = _sections(page)
    sections[name] = _seen(name, log.read_text(encoding="utf-8", errors="replace"))
    body = "".join(f"\n## {one}\n\n{sections[one]}\n" for one in sorted(sections))
    page.write_text(HEAD + body, encoding="utf-8")


def _sections(page: Path) -> dict[str, str]:
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    return {found[1]: found[2].strip() for found in re.finditer(r"(?ms)^## (\w+)\n(.*?)(?=^## |\Z)", text)}


def _seen(name: str, said: str) -> str:
    return f"{_version()}\n\n```\n{_summary(name, said)}\n```"


def _summary(name: str, said: str) -> str:
    if name.startswith("arm64"):
        return "\n".join(PYTEST.findall(said)) or "没有跑完 / not finished"
    if name.startswith("host_"):
        return "\n".join(line for line in said.splitlines() if line.strip() and not line.startswith(NOISE))
    tests = [(words.replace("_", " "), result) for words, result in TEST.findall(said)]
    end = "" if RAN.search(said) else "\n没有跑完 / not finished"
    return "\n".join(f"{result:<7} {words}" for words, result in tests) + end


def _version() -> str:
    asked = ["git", "-C", str(ROOT), "log", "-1", "--format=%h, %cs"]
    return "源码 / source: " + subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:]))
