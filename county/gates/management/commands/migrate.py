"""foregate-county migrate: makes or upgrades the database, always all of it, in place of Django's command."""

from typing import Any

from django.core.management import call_command
from django.core.management.commands.migrate import Command as DjangoMigrate

from county.gates.console import CountyCommand


class Command(CountyCommand):
    help = "建立或升级数据库。Make or upgrade the database."
    needs_tables = False
    # Django's own checks compare it with that of makemigrations.
    autodetector = DjangoMigrate.autodetector

    def handle(self, *args: Any, **options: Any) -> None:
        call_command(DjangoMigrate(), verbosity=0, interactive=False)
        self.stdout.write("数据库已就绪 / the database is ready")
