"""foregate-county serve: the server, run by gunicorn in one process with threads."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from county.core.bind import check_reach, parse_bind
from county.gates import serving
from county.gates.console import CountyCommand


class Command(CountyCommand):
    help = "启动县级服务器，Ctrl-C 停止。Run the county's server until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--bind",
            default="127.0.0.1:8600",
            metavar="HOST:PORT",
            help="监听地址，端口 0 为任意空闲端口 / where to listen, port 0: any free one (%(default)s)",
        )
        parser.add_argument(
            "--threads", type=int, default=8, choices=range(2, 65), metavar="2…64",
            help="同时处理的请求数 / requests at a time (%(default)s)",
        )  # fmt: skip
        parser.add_argument(
            "--behind-proxy",
            action="store_true",
            help="前面有 TLS 代理，信任其 X-Forwarded-For 和 X-Forwarded-Proto / "
            "a TLS proxy stands in front and is believed",
        )
        parser.add_argument(
            "--allow-remote",
            action="store_true",
            help="允许他机以明文 HTTP 访问（令牌和密码可被窃听）/ "
            "let other machines come over plain HTTP (tokens and passwords can be overheard)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        bind = parse_bind(options["bind"])
        check_reach(bind, options["behind_proxy"] or options["allow_remote"], tuple(settings.ALLOWED_HOSTS))
        serving.serve(bind, options["threads"])
