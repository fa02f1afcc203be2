"""The command line: `huref VERB ...`. Knows every other module; no other module knows it."""

from .entry import main

__all__ = ["main"]
