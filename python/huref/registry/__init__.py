"""The dated log: an append-only list of digests in C2SP's formats, its witnesses, and who watches them."""
