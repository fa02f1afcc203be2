"""The command line: `huref VERB ...`. Knows every other module; no other module knows it."""

from .start import main

__all__ = ["main"]
