"""What can go wrong with a session on disk. Each message is one sentence that says what to do."""


class StoreError(Exception):
    """A session cannot be opened, saved or found; ``str(error)`` is for the person."""


class Unreadable(StoreError):
    """session.toml is damaged or is not a session, and nothing could be recovered."""


class NewerSchema(StoreError):
    """The file was written by a newer version of the program, in a way that this one cannot show."""


class Locked(StoreError):
    """Another program has the session open."""


class ReadOnly(StoreError):
    """The session was opened for reading only."""


class ChangedOutside(StoreError):
    """session.toml was changed by somebody else in the same places as here."""


class NotSaved(StoreError):
    """An edit is not on disk yet."""


class InvalidEdit(StoreError):
    """An edit would have built a session that could not be opened again; it was not made."""


class NotFound(StoreError):
    """No session, or more than one, fits what was asked for."""
