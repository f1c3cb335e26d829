"""foregate-county serve: the server, run by gunicorn."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.db import connection

from county.core.bind import check_reach, parse_bind
from county.gates import serving
from county.gates.console import CountyCommand
from edge.core.errors import ConfigError


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
            "--workers", type=int, default=1, choices=range(1, 17), metavar="1…16",
            help="进程数，SQLite 时只能为 1 / processes, on SQLite one only (%(default)s)",
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
        if options["workers"] > 1 and connection.vendor != "postgresql":
            raise ConfigError(
                "SQLite 只能用一个进程；请去掉 --workers，或改用 PostgreSQL（FOREGATE_COUNTY_DATABASE）",
                "SQLite takes one process only; leave out --workers, or use PostgreSQL (FOREGATE_COUNTY_DATABASE)",
            )
        serving.serve(bind, options["threads"], options["workers"])
