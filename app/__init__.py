"""The application: everything that runs without a terminal, and the thin skins over it."""

import os

__version__ = "0.1.0"

# Looking for plugins of pydantic reads the metadata of every package installed: ten milliseconds of each start.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
