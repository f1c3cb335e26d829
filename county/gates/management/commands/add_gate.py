"""foregate-county add-gate: registers a gate and hands out its token, once."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from county.core.tokens import new_token, token_sha256
from county.gates.console import CountyCommand, find_gate, take_gate_id
from county.gates.models import Gate
from edge.core.errors import ConfigError
from edge.core.record import is_gate_id


class Command(CountyCommand):
    help = (
        "登记闸机并发放令牌；令牌只显示一次，服务器只保存其指纹。"
        "Register a gate and hand out its token; it is shown once, the server keeps only its fingerprint."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        take_gate_id(parser)
        parser.add_argument("--name", help="闸机名称，例如“东门” / what people call the gate")
        parser.add_argument("--school", help="学校或单位 / the school or site")
        parser.add_argument(
            "--new-token",
            action="store_true",
            help="为已登记（或已停用）的闸机换发令牌 / a new token for a gate that is known (or revoked)",
        )
        parser.add_argument(
            "--token-file",
            type=Path,
            metavar="PATH",
            help="把令牌写入此新文件（权限 600），不显示 / write the token to this new file (mode 600), show nothing",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        gate_id, token, path = options["gate_id"], new_token(), options["token_file"]
        with transaction.atomic():
            if options["new_token"]:
                _renew(gate_id, token)
            else:
                _register(gate_id, options["name"], options["school"], token)
            # Inside: when the file cannot be written, the gate is as it was.
            if path is not None:
                _write(path, token)
        if path is None:
            self.stdout.write(token)
            self.stderr.write("令牌只显示这一次 / the token is shown this once")


def _register(gate_id: str, name: str | None, school: str | None, token: str) -> None:
    if not is_gate_id(gate_id):
        raise ConfigError(
            f"闸机编号 {gate_id!r} 无效；请用 1–64 个字母、数字、点、下划线或连字符，以字母或数字开头",
            f"{gate_id!r} is no gate id; use 1 to 64 letters, digits and . _ -, a letter or digit first",
        )
    if not name or not school or len(name) > 100 or len(school) > 100:
        raise ConfigError(
            "请用 --name 和 --school 给出闸机名称和学校（各 1–100 个字）",
            "say with --name and --school what the gate and its school are called (1 to 100 characters each)",
        )
    try:
        with transaction.atomic():
            Gate.objects.create(
                gate_id=gate_id, name=name, school=school, token_sha256=token_sha256(token), created_at=timezone.now()
            )
    except IntegrityError as error:
        raise ConfigError(
            f"闸机 {gate_id} 已登记；换发令牌请加 --new-token",
            f"gate {gate_id} is known already; add --new-token to give it another token",
        ) from error


def _renew(gate_id: str, token: str) -> None:
    gate = find_gate(gate_id)
    gate.token_sha256, gate.revoked_at = token_sha256(token), None
    gate.save(update_fields=["token_sha256", "revoked_at"])


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
