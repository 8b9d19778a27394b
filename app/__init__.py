"""The application: everything that runs without a terminal, and the thin skins over it."""

__version__ = "0.1.0"
