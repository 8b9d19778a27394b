"""One module per group of commands; what they have in common is in :mod:`app.commands.common`."""
