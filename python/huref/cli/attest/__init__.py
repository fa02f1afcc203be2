"""The subcommands of `huref attest`, a file for each."""
