"""What the commands about accounts share: naming one and finding it."""

from argparse import ArgumentParser

from django.contrib.auth.models import User

from edge.core.errors import ConfigError


def take_name(parser: ArgumentParser) -> None:
    """NAME as the first argument."""
    parser.add_argument("name", metavar="NAME", help="登录名 / the name to sign in with")


def find_user(name: str) -> User:
    """The user. ConfigError: nobody of this name may sign in."""
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise ConfigError(
            f"没有名为 {name} 的有效账号；请先运行 foregate-county add-account",
            f"nobody called {name} may sign in; run foregate-county add-account first",
        )
    return user
