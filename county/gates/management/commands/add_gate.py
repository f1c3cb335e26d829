"""foregate-county add-gate: registers a gate, and prints the code with which it enrols."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from county.gates import enrolling, keys
from county.gates.console import CountyCommand, take_gate_id
from county.gates.models import Gate
from edge.core.errors import ConfigError
from edge.core.record import is_gate_id

SHOWN_ONCE = "代码只显示这一次，48 小时内用一次 / the code is shown this once and enrols once within 48 h"


class Command(CountyCommand):
    help = (
        "登记闸机，打印一次性登记代码（48 小时内有效）；服务器只保存其指纹。"
        "Register a gate and print the code that enrols it once within 48 h; the server keeps only its fingerprint."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        take_gate_id(parser)
        parser.add_argument("--name", help="闸机名称，例如“东门” / what people call the gate")
        parser.add_argument("--school", help="学校或单位 / the school or site")
        parser.add_argument(
            "--public-key",
            metavar="KEY",
            help="闸机的公钥（44 个字符）：不用代码，立即登记并给出令牌 / "
            "the gate's public key, 44 characters: enrol at once, without a code, and hand out the token",
        )
        parser.add_argument(
            "--token-file",
            type=Path,
            metavar="PATH",
            help="与 --public-key 合用：把令牌写入此新文件（权限 600），不显示 / "
            "with --public-key: write the token to this new file (mode 600), show nothing",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        key, path = options["public_key"], options["token_file"]
        if path is not None and key is None:
            raise ConfigError(
                "--token-file 须与 --public-key 合用；不给公钥时，请在闸机上用打印的代码登记",
                "--token-file goes with --public-key; without a key, enrol at the gate with the code that is printed",
            )
        if key is not None and not keys.is_public_key(key):
            raise ConfigError(
                f"{key!r} 不是公钥；请复制闸机显示的 44 个字符",
                f"{key!r} is no public key; copy the 44 characters that the gate shows",
            )
        with transaction.atomic():
            gate = _register(options["gate_id"], options["name"], options["school"])
            if key is None:
                secret = enrolling.new_code(gate, timezone.now())
            else:
                secret = enrolling.enrol_at_once(gate, key, timezone.now())
            # Inside: when the file cannot be written, the gate is not there.
            if path is not None:
                _write(path, secret)
        if path is None:
            self.stdout.write(secret)
            self.stderr.write(SHOWN_ONCE if key is None else "令牌只显示这一次 / the token is shown this once")


def _register(gate_id: str, name: str | None, school: str | None) -> Gate:
    if not is_gate_id(gate_id):
        raise ConfigError(
            f"闸机编号 {gate_id!r} 无效；请用 1–64 个字母、数字、点、下划线或连字符，以字母或数字开头",
            f"{gate_id!r} is no gate id; use 1 to 64 letters, digits and . _ -, a letter or digit first",
        )
    if not name or not school or len(name) > 100 or len(school) > 100 or "\0" in name + school:
        raise ConfigError(
            "请用 --name 和 --school 给出闸机名称和学校（各 1–100 个字）",
            "say with --name and --school what the gate and its school are called (1 to 100 characters each)",
        )
    try:
        with transaction.atomic():
            return Gate.objects.create(gate_id=gate_id, name=name, school=school, created_at=timezone.now())
    except IntegrityError as error:
        raise ConfigError(
            f"闸机 {gate_id} 已登记；换新代码请运行 foregate-county renew-gate {gate_id}",
            f"gate {gate_id} is known already; for another code run foregate-county renew-gate {gate_id}",
        ) from error


def _write(path: Path, token: str) -> None:
    try:
        # Never over a file that is there: it may be another gate's token, or open to others.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(token + "\n")
    except OSError as error:
        raise ConfigError(
            f"无法写入令牌文件 {path}（{error.strerror}）；请换一个新文件名",
            f"cannot write the token file {path} ({error.strerror}); name a new file",
        ) from error
