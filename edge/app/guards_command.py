"""`foregate guards`: who may act at this gate's desk. A PIN is typed twice, unseen, and is on no command line."""

import sys
from collections.abc import Callable
from getpass import getpass
from pathlib import Path

from edge.adapters.guards_file import (
    Role,
    add_guard,
    no_such_guard,
    read_guards,
    remove_guard,
    set_pin,
    there_already,
)
from edge.core.errors import ConfigError
from edge.core.pin_rule import check_pin
from edge.core.texts import Text

ROLES: dict[Role, Text] = {
    "guard": Text("门卫", "guard"),
    "medic": Text("校医", "medic"),
    "technician": Text("技术员", "technician"),
}

Say = Callable[[str], None]
Ask = Callable[[str], str]


def add(path: Path, guard_id: str, name: str, role: Role, say: Say, ask: Ask | None = None) -> int:
    """Somebody new, with the PIN that they type; 0. ConfigError: there is one already, or the PIN is too easy."""
    if _is_there(path, guard_id):
        raise there_already(guard_id)
    add_guard(path, guard_id, name, role, _new_pin(guard_id, ask))
    say(f"已添加 / added: {guard_id}  {name}  {ROLES[role]}")
    return 0


def pin(path: Path, guard_id: str, say: Say, ask: Ask | None = None) -> int:
    """Another PIN for a guard; 0. ConfigError: nobody of this id, or the PIN is too easy."""
    if not _is_there(path, guard_id):
        raise no_such_guard(path, guard_id)
    set_pin(path, guard_id, _new_pin(guard_id, ask))
    say(f"PIN 已更换 / the PIN was changed: {guard_id}")
    return 0


def remove(path: Path, guard_id: str, say: Say) -> int:
    """They may not act any more; 0. ConfigError: nobody of this id."""
    remove_guard(path, guard_id)
    say(f"已删除，其记录保留 / removed, what they did stays in the records: {guard_id}")
    return 0


def show(path: Path, say: Say) -> int:
    """Everybody who may act here; 0."""
    guards = read_guards(path)
    for guard in guards:
        say(f"{guard.guard_id}  {guard.name}  {ROLES[guard.role]}")
    if not guards:
        say(f"{path}：没有门卫；用 foregate guards add 添加 / no guards yet: foregate guards add")
    return 0


def _is_there(path: Path, guard_id: str) -> bool:
    # Asked before anybody types a PIN in vain.
    return any(guard.guard_id == guard_id for guard in read_guards(path))


def _new_pin(guard_id: str, ask: Ask | None) -> str:
    if ask is None:
        # Without a terminal getpass would show what is typed.
        if not sys.stdin.isatty():
            raise ConfigError(
                "没有终端可输入 PIN；请在终端里运行此命令", "no terminal to type a PIN at; run this command in one"
            )
        ask = getpass
    chosen = ask("PIN（6 至 12 位数字，不显示）/ PIN, 6 to 12 digits, not shown: ")
    check_pin(chosen, guard_id)
    if ask("再输入一次 / once more: ") != chosen:
        raise ConfigError("两次输入不同；请重试", "the two are different; try again")
    return chosen
