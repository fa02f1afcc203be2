"""`python -m huref` is `huref`."""

from .cli import main

main()
