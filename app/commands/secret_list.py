"""What would be masked in a review, to be read before it is sent, and what may leave all the same."""

from typing import TYPE_CHECKING

import click

from app.commands.common import (
    Problem,
    examples,
    json_option,
    put_json,
    reading,
    remark,
    session_argument,
    sessions_option,
    table,
    writing,
)

if TYPE_CHECKING:
    from pathlib import Path

    from app.redaction.session import Found


@click.command(
    "secrets",
    short_help="Print what is masked before anything leaves.",
    epilog=examples(
        "blamefree secrets api-service",
        "blamefree secrets api-service --let e-mail:3f9a1c --reason 'the public address'",
        "blamefree secrets api-service --let @acme.example --reason 'addresses of a list'",
    ),
)
@session_argument
@click.option(
    "--let", "let", metavar="TAG", help="Let it leave: a tag of the list, or @DOMAIN for its addresses."
)
@click.option("--reason", metavar="TEXT", help="Why it may leave; kept in the review.")
@click.option("--mask", "mask", metavar="TAG", help="Mask it again.")
@json_option
@sessions_option
def secrets(
    wanted: str, let: str | None, reason: str | None, mask: str | None, as_json: bool, root: "Path | None"
) -> None:
    """Print the secrets and addresses that are found in a review, and the tags that stand for them outside.

    Reports, exports, tickets, calendars and copies hold only the tags. Values are never printed whole.
    """
    from app.redaction.session import secrets as found_in

    if let is not None and mask is not None:
        raise click.UsageError("Choose one of --let and --mask.")
    if let is not None and not (reason or "").strip():
        raise click.UsageError("Say why it may leave: --reason TEXT.")
    if let is not None or mask is not None:
        _change(wanted, let, mask, reason or "", root)
    with reading(root, wanted) as (_, session):
        found = found_in(session)
    if as_json:
        put_json([_facts(each) for each in found])
    elif found:
        table([{**{name: str(value) for name, value in _facts(each).items()}} for each in found])
        left = sum(bool(each.granted) for each in found)
        remark(f"{len(found) - left} masked, {left} let through.")
    else:
        remark("Nothing was found that has to be masked.")


def _change(wanted: str, let: str | None, mask: str | None, reason: str, root: "Path | None") -> None:
    from app.redaction.session import grant, revoke
    from app.redaction.session import secrets as found_in

    tag = (let if let is not None else mask or "").strip("[]")
    with writing(root, wanted) as desk:
        if tag.startswith("@"):
            kind, value = "e-mail", tag
        else:
            each = next((each for each in found_in(desk.session) if each.tag == f"[{tag}]"), None)
            if each is None:
                raise Problem(
                    f"No secret of this review has the tag “{tag}”: `blamefree secrets {wanted}` lists them."
                )
            kind, value = each.kind, each.value
        if let is not None:
            desk.apply(f"Let [{tag}] leave", lambda session: grant(session, kind, value, reason))
        else:
            desk.apply(f"Mask [{tag}] again", lambda session: revoke(session, kind, value))


def _facts(each: "Found") -> dict[str, str | int]:
    return {
        "tag": each.tag,
        "kind": each.kind,
        "where": each.where,
        "times": each.times,
        "value": each.hint,
        "let_through": each.granted,
    }
