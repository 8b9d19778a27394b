"""The table of words in ``headings.toml``: what headings, labels and columns mean in other languages than English."""

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Table = Literal["roles", "events", "actions", "words"]


def meaning(table: Table, words: str) -> str:
    """The name in *table* that *words* mean; empty where no language of the table has them."""
    known = _known(table)
    said = _folded(words)
    if found := known.get(said):
        return found
    without = _endings().sub("", said)
    return known.get(without, "") if without != said else ""


def _folded(words: str) -> str:
    """*words* without capitals, accents, and the breadth of their letters."""
    flat = unicodedata.normalize("NFKD", words.replace("ß", "ss").replace("’", "'"))
    kept = "".join(letter for letter in flat if not unicodedata.combining(letter) or letter in "\u3099\u309a")
    return " ".join(unicodedata.normalize("NFC", kept).casefold().split()).strip(" :?¿!¡")


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("app.importing").joinpath("headings.toml").read_text("utf-8"))


@cache
def _known(table: Table) -> dict[str, str]:
    return {_folded(word): name for name, words in _table()[table].items() for word in words}


@cache
def _endings() -> re.Pattern[str]:
    return re.compile(rf"\s+(?:{'|'.join(map(re.escape, _table()['endings']))})$")
