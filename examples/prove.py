"""Prove the fingerprint of a model, under a commitment of this bundle alone: python examples/prove.py MODEL BUNDLE"""

import sys
from pathlib import Path

import huref
from huref.artefacts.bundle import dump

model, target = sys.argv[1:]
Path(target).write_bytes(dump(huref.prove(model)))
