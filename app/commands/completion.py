"""Completion of commands, options and reviews in the shell."""

import click

from app.commands.common import examples


@click.command(
    short_help="Print a script for the shell.",
    epilog=examples(
        'eval "$(blamefree completion bash)"    in ~/.bashrc',
        'eval "$(blamefree completion zsh)"     in ~/.zshrc',
        "blamefree completion fish > ~/.config/fish/completions/blamefree.fish",
    ),
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that makes a shell complete commands and reviews."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is not None:
        click.echo(kind(context.find_root().command, {}, "blamefree", "_BLAMEFREE_COMPLETE").source())
