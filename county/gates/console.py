"""What all commands of the county share: names with dashes, short help, finding what they are about."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandParser

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
    """A command whose help shows only what a technician may need."""

    requires_system_checks: Any = ()
    suppressed_base_arguments = _HIDDEN

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """The command is typed with dashes, its module's name has underscores; options are written out.

        An abbreviation would be understood here but not by county/manage.py, which looks for --behind-proxy.
        """
        return super().create_parser(prog_name, subcommand.replace("_", "-"), **{**kwargs, "allow_abbrev": False})


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


def find_officer(name: str) -> User:
    """The officer. ConfigError: nobody of this name may sign in."""
    officer = User.objects.filter(username=name, is_active=True).first()
    if officer is None:
        raise ConfigError(
            f"没有名为 {name} 的有效账号；请先运行 foregate-county add-officer",
            f"nobody called {name} may sign in; run foregate-county add-officer first",
        )
    return officer
