"""What all commands of the county share: names with dashes, short help, a database that is there, finding things."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor

from county.gates.models import Gate
from edge.core.errors import ConfigError

# Django's own options, which a technician never needs.
_HIDDEN = {
    "--version",
    "--settings",
    "--pythonpath",
    "--traceback",
    "--no-color",
    "--force-color",
    "--verbosity",
    "--skip-checks",
}


class CountyCommand(BaseCommand):
    """A command whose help shows only what a technician may need, and whose refusals are ConfigErrors.

    needs_tables: it is refused before `migrate`.
    """

    requires_system_checks: Any = ()
    suppressed_base_arguments = _HIDDEN
    needs_tables = True

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """The command is typed with dashes, its module's name has underscores; options are written out.

        An abbreviation would be understood here but not by county/manage.py, which looks for --behind-proxy.
        """
        # As if a program had called: complaints are raised, and manage.py tells them, instead of printed in English.
        self._called_from_command_line = False
        return super().create_parser(prog_name, subcommand.replace("_", "-"), **{**kwargs, "allow_abbrev": False})

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run it. ConfigError: the database is not there, of an older version, or cannot be used."""
        try:
            if self.needs_tables:
                _check_tables()
            return super().execute(*args, **options)
        except DatabaseError as error:
            raise ConfigError(
                f"数据库无法使用（{error}）；请检查 FOREGATE_COUNTY_DATA 及其权限和磁盘空间",
                f"cannot use the database ({error}); check FOREGATE_COUNTY_DATA, its permissions and the disk space",
            ) from error


def take_gate_id(parser: ArgumentParser) -> None:
    """GATE_ID as the first argument."""
    parser.add_argument(
        "gate_id", metavar="GATE_ID", help="闸机编号，与闸机配置一致 / the gate's id, as in its configuration"
    )


def find_gate(gate_id: str) -> Gate:
    """The gate. ConfigError: there is none of this id."""
    gate = Gate.objects.filter(pk=gate_id).first()
    if gate is None:
        raise ConfigError(
            f"没有编号为 {gate_id} 的闸机；请先运行 foregate-county add-gate",
            f"there is no gate {gate_id}; run foregate-county add-gate first",
        )
    return gate


def _check_tables() -> None:
    executor = MigrationExecutor(connections["default"])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise ConfigError(
            "数据库尚未建立或版本较旧；请先运行 foregate-county migrate",
            "the database is not there yet or of an older version; run foregate-county migrate first",
        )
