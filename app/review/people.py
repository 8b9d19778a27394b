"""Names and the roles that stand in their place: for one row, for some, for the whole review, for the public.

What people typed stays as it is; roles are put in when something is shown. So it can be taken back at any time,
and nobody has to remember who "the on-call engineer" was.
"""

import re
from collections.abc import Collection, Mapping
from functools import lru_cache, partial

from app.review import edits
from app.review.language import names
from app.review.records import Event, Person, Session
from app.review.writing import spots, with_text

ON_CALL, FACILITATOR, ENGINEER = "on-call engineer", "facilitator", "engineer"


def people(session: Session) -> dict[str, str]:
    """Everybody whom the review names (``Alice``, without the ``@``), and the role that stands for each.

    Roles that nobody chose are told from the rows: who acknowledged the page was on call; the others are
    engineers, told apart by letters.
    """
    known = names(session)
    chosen = {_bare(person.name).casefold(): person.role for person in session.people if person.role}
    answered = {
        _bare(event.actor).casefold() for event in session.events if event.milestone == "acknowledged"
    }
    facilitator = _bare(session.incident.facilitator).casefold()
    found: dict[str, str] = {}
    others: list[str] = []
    for name in known:
        folded = name.casefold()
        if folded in chosen:
            found[name] = chosen[folded]
        elif folded == facilitator:
            found[name] = FACILITATOR
        elif folded in answered:
            found[name] = ON_CALL
        else:
            found[name] = ""
            others.append(name)
    for number, name in enumerate(others):
        found[name] = ENGINEER if len(others) == 1 else f"{ENGINEER} {_letters(number)}"
    return found


def _letters(number: int) -> str:
    return chr(ord("A") + number) if number < 26 else _letters(number // 26 - 1) + _letters(number % 26)


def _bare(name: str) -> str:
    return name.strip().lstrip("@")


def in_roles(text: str, roles: Mapping[str, str]) -> str:
    """*text* with ``@alice`` and ``Alice`` as "the on-call engineer"; other words stay to the letter.

    A handle is found in any case; a bare name only with its capital, or "mark" and "will" would be people.
    """
    if not roles or not text:
        return text
    pattern = _pattern(tuple(roles))
    by_name = {name.casefold(): role for name, role in roles.items()}

    def role(match: re.Match[str]) -> str:
        said = f"the {by_name[match[1].casefold()]}"
        before = text[: match.start()].rstrip(' *_>#"“(')
        return said[0].upper() + said[1:] if not before or before[-1] in ".!?:\n" else said

    return pattern.sub(role, text)


@lru_cache(maxsize=32)
def _pattern(known: tuple[str, ...]) -> re.Pattern[str]:
    longest = sorted(known, key=len, reverse=True)
    words = "|".join(f"(?i:(?<=@){re.escape(name)})|{re.escape(name)}" for name in longest)
    return re.compile(rf"(?<![\w@.-])@?({words})(?![\w-]|\.\w)")


def role_of(name: str, roles: Mapping[str, str]) -> str:
    """What stands in a field that holds only a name (an actor, an owner); a team or a system stays."""
    folded = _bare(name).casefold()
    return next((role for known, role in roles.items() if known.casefold() == folded), name)


def shown_event(event: Event, roles: Mapping[str, str]) -> Event:
    """*event* with roles in the place of names."""
    text, actor = in_roles(event.text, roles), role_of(event.actor, roles)
    if (text, actor) == (event.text, event.actor):
        return event
    return event.model_copy(update={"text": text, "actor": actor})


def shown(session: Session) -> Session:
    """The review as it is shown: with roles where the review or a row asks for them."""
    if session.names_as_roles:
        return with_roles(session)
    if not any(event.as_role for event in session.events):
        return session
    roles = people(session)
    events = tuple(shown_event(event, roles) if event.as_role else event for event in session.events)
    return session.model_copy(update={"events": events})


def with_roles(session: Session) -> Session:
    """The whole review without a name: texts, actors, owners, authors, the parking lot, the table of people."""
    roles = people(session)
    if not roles:
        return session
    named = partial(role_of, roles=roles)
    for spot, text in tuple(spots(session)):
        if (fresh := in_roles(text, roles)) != text:
            session = with_text(session, spot, fresh)
    incident = session.incident.model_copy(
        update={
            "authors": tuple(dict.fromkeys(named(name) for name in session.incident.authors)),
            "facilitator": named(session.incident.facilitator),
            "severity_note": in_roles(session.incident.severity_note, roles),
        }
    )
    return session.model_copy(
        update={
            "incident": incident,
            "people": (),
            "events": tuple(
                event.model_copy(update={"actor": named(event.actor)}) for event in session.events
            ),
            "actions": tuple(
                action.model_copy(
                    update={"owner": named(action.owner), "reason": in_roles(action.reason, roles)}
                )
                for action in session.actions
            ),
            "parked": tuple(
                each.model_copy(
                    update={"text": in_roles(each.text, roles), "reason": in_roles(each.reason, roles)}
                )
                for each in session.parked
            ),
        }
    )


def show_as_roles(session: Session, keys: Collection[str], on: bool) -> Session:
    """Show names as roles in the rows *keys*, or the names again."""
    return edits.change(session, "events", keys, as_role=on)


def show_all_as_roles(session: Session, on: bool) -> Session:
    """Show names as roles in the whole review, or the names again (rows keep what was chosen for them)."""
    return session.model_copy(update={"names_as_roles": on})


def set_roles(session: Session, roles: Mapping[str, str]) -> Session:
    """Say who has which role; an empty one goes back to what the rows tell."""
    kept = {person.name: person for person in session.people if _bare(person.name) not in roles}
    kept |= {name: Person(name=name, role=role.strip()) for name, role in roles.items() if role.strip()}
    return session.model_copy(update={"people": tuple(kept.values())})
