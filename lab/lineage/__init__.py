"""Lineage lab: small language models, trained here on text that every machine has, descendants, and strangers."""
