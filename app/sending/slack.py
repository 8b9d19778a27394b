"""A summary to a Slack channel through an incoming webhook.

The webhook's address is a secret: whoever has it may post. It is looked up by name, as tokens are, and never shown. The
webhook answers ``ok`` and no id, and what was posted cannot be changed: after an unclear answer nothing is repeated.
"""

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from app.http import Client, HttpProblem, Limits, Site, address_problem
from app.review.plain import one_line
from app.secrets import TokenProblem, look_up
from app.sending.interface import Content, Ready, SendProblem, Sent

NAME = "SLACK_WEBHOOK_URL"
"""How the address is called where the settings name nothing else."""
_HERE = ("localhost", "127.0.0.1", "::1")


async def ready(content: Content, name: str, environment: Mapping[str, str]) -> Ready:
    """The message that would go to the webhook called *name*. Raises :class:`SendProblem`."""
    name = name or NAME
    try:
        found = await look_up([name], environment)
    except TokenProblem as problem:
        raise SendProblem(str(problem)) from problem
    if found is None:
        raise SendProblem(
            f"The webhook's address is nowhere: export {one_line(name)}, or keep it with: blamefree token set "
            f"{one_line(name)}"
        )
    address = found.secret.reveal()
    parts = urlsplit(address)
    origin = f"{parts.scheme}://{parts.netloc}"
    if address_problem(origin) or len(parts.path) < 2 or not _private(parts.scheme, parts.hostname or ""):
        raise SendProblem(
            f"What is in {one_line(name)} is not the address of a webhook: it begins with https:// and has a path."
        )
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    body = {"text": content.summary, "unfurl_links": False, "unfurl_media": False}

    async def go() -> Sent:
        try:
            # Its own address in full, because a path with a question mark is no path of ours.
            async with Client(Site("Slack", origin), Limits(total=30.0)) as client:
                answer = await client.send("POST", path, body)
        except HttpProblem as problem:
            sentence = str(problem).replace(path, "/***").replace(parts.path, "/***")
            after = " It may have been posted: look into the channel before you send it again."
            raise SendProblem(
                sentence + (after if problem.unclear else ""), unclear=problem.unclear
            ) from None
        said = answer.body.decode("utf-8", "replace").strip()
        if said.casefold() != "ok":
            raise SendProblem(
                f"The webhook answered “{one_line(said)[:99]}” where it says “ok” otherwise: look into the channel "
                "before you send it again.",
                unclear=True,
            )
        return Sent(f"Slack ({name})")

    exactly = f"POST {origin}/***\nContent-Type: application/json\n\n{json.dumps(body, indent=2, ensure_ascii=False)}"
    return Ready("Slack webhook", f"Slack ({one_line(name)})", exactly, go)


def _private(scheme: str, host: str) -> bool:
    return scheme == "https" or (scheme == "http" and host in _HERE)
