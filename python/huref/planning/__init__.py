"""How large and how long: sizes of a statement, and what its proof costs on this machine."""
