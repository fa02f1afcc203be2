"""Commitments and their openings."""
