"""A command line that cannot be understood -> what is wrong with it, in both languages. The parser speaks English."""

import re

from edge.core.errors import ConfigError

COMMANDS = (
    "migrate",
    "add-gate",
    "renew-gate",
    "revoke-gate",
    "verify-gate",
    "forget",
    "add-account",
    "change-account",
    "revoke-account",
    "changepassword",
    "sign-in-link",
    "reset-totp",
    "roster-key",
    "import-roster",
    "show-roster",
    "approve-return",
    "observe",
    "health-record",
    "entry-window",
    "gate-settings",
    "compose-reports",
    "report-recipient",
    "school-township",
    "serve",
)

# What Python's argparse says (3.11 to 3.14) and what it is in Chinese.
_CHINESE = (
    (re.compile(r"the following arguments are required: (.+)"), r"缺少参数 \1"),
    (re.compile(r"one of the arguments (.+) is required"), r"须给出 \1 之一"),
    (re.compile(r"argument (.+?): not allowed with argument (.+)"), r"参数 \1 和 \2 不能同时使用"),
    (re.compile(r"unrecognized arguments: (.+)"), r"不认识的参数 \1"),
    (re.compile(r"argument (.+?): expected .*"), r"参数 \1 后面缺少值"),
    (re.compile(r"argument (.+?): ignored explicit argument .*"), r"参数 \1 不带值"),
    (re.compile(r"argument (.+?): invalid (?:choice|\S+ value): ('.*?'|\S+).*"), r"参数 \1 的值 \2 不可用"),
)


def not_understood(command: str, message: str) -> ConfigError:
    """The parser's complaint about the arguments of a command."""
    message = message.removeprefix("Error: ")
    found = (pattern.sub(zh, message) for pattern, zh in _CHINESE if pattern.fullmatch(message))
    zh = next(found, f"命令行有误（{message}）")
    remedy = f"foregate-county {command} --help"
    return ConfigError(f"{zh}；用法见 {remedy}", f"{message}; see {remedy}")


def no_such_command(name: str) -> ConfigError:
    """A command that there is none of."""
    listed = ", ".join(COMMANDS)
    return ConfigError(f"没有命令 {name}；可用的有 {listed}", f"there is no command {name}; there are {listed}")
