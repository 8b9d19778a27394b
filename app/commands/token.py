"""Tokens in the keyring of this machine: in, out, and what there is. None is ever shown, or given as an argument."""

import sys
from typing import Final

import click

from app.commands.common import Problem, examples, json_option, put_json, remark, table

_MOST: Final = 8192
"""Characters that are read from a pipe: more than any token has."""
_NAME: Final = r"[A-Za-z_][A-Za-z0-9_.-]{0,99}"
_NO_NAME: Final = r"gh[a-z]_|github_pat_|glpat-|xox[a-z]-"
_HOST: Final = r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}(:[0-9]{1,5})?"

host_option = click.option(
    "--host",
    metavar="SERVER",
    default="",
    help="The one server that it may be sent to, such as gitlab.acme.example.",
)


@click.group(
    "token",
    short_help="Keep tokens in this machine's keyring.",
    epilog=examples("blamefree token set PAGERDUTY_TOKEN", "blamefree token list"),
)
def token() -> None:
    """Keep the tokens of sources and trackers in the keyring of this machine.

    A review holds names only. What a name stands for is looked up in the environment first, then here.
    """


@token.command(
    "set",
    short_help="Put a token into the keyring.",
    epilog=examples(
        "blamefree token set PAGERDUTY_TOKEN                     asks, and shows nothing",
        "blamefree token set GITLAB_TOKEN --host gitlab.acme.example",
        "pass show slack | blamefree token set SLACK_TOKEN       from a pipe",
    ),
)
@click.argument("name")
@host_option
def set_token(name: str, host: str) -> int:
    """Read a token from the terminal without showing it, or from a pipe, and keep it as NAME."""
    from app.secrets import keep

    name, host = _name(name), _host(host)
    keep(name, _typed(name), host)
    remark(f"{name} is in the keyring{f', for {host} only' if host else ''}.")
    return 0


@token.command(
    "list",
    short_help="The names there are, never the tokens.",
    epilog=examples("blamefree token list", "blamefree token list --json"),
)
@json_option
def list_tokens(as_json: bool) -> int:
    """List what was put into the keyring here; a variable of the same name comes before it."""
    import os

    from app.secrets import known

    rows = [
        {"name": name, "host": host, "variable": "set" if os.environ.get(name, "").strip() else ""}
        for name, host in known()
    ]
    if as_json:
        put_json(rows)
    elif rows:
        table(rows)
    else:
        remark("No token was kept here; put one in with: blamefree token set NAME")
    return 0


@token.command(
    "remove",
    short_help="Take a token out of the keyring.",
    epilog=examples("blamefree token remove PAGERDUTY_TOKEN"),
)
@click.argument("name")
@host_option
def remove_token(name: str, host: str) -> int:
    """Take the token NAME out of the keyring; its place of origin still knows it, so revoke it there."""
    from app.secrets import forget

    name, host = _name(name), _host(host)
    if not forget(name, host):
        raise Problem(f"{name} is not in the keyring: see what is with: blamefree token list")
    remark(f"{name} is gone from the keyring.")
    return 0


def _typed(name: str) -> str:
    """The token, from the terminal without echo or from what is piped in."""
    if sys.stdin.isatty():
        import getpass

        try:
            return getpass.getpass(f"Token for {name} (it is not shown): ")
        except EOFError as error:
            raise click.Abort from error
    return sys.stdin.read(_MOST)


def _name(name: str) -> str:
    import re

    if not re.fullmatch(_NAME, name) or re.match(_NO_NAME, name):
        # It may be the token itself, typed in the wrong place: it is not repeated.
        raise Problem(
            "That is no name for a token: write it like PAGERDUTY_TOKEN; the token itself is asked for."
        )
    return name


def _host(host: str) -> str:
    import re

    host = host.strip().lower()
    if host and not re.fullmatch(_HOST, host):
        raise Problem("That is no server: write --host like gitlab.acme.example, without https://.")
    return host
