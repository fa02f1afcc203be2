"""Verifying a bundle: the policy decides what is acceptable, the core checks the proof, the portrait is drawn again."""
