"""The subcommands of `huref registry`, a file for each."""
