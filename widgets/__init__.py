"""Reusable parts of the screens. A widget is told values and posts messages; it never asks the application."""
