"""Verbs of `huref attest` that deal with signers and authorities, a module each."""
