"""The independent verifier: the specification (proofs/spec) in pure Python.

It shares no code with the native module or with the rest of huref and needs nothing but the standard library. Modules
are named like those of rust/circuits/src, so that both can be read side by side; how fast it is, benchmarks/ says.
"""

from .error import Refused
from .statement import Public, Shape, Statement
from .verify import verify

__all__ = ["Public", "Refused", "Shape", "Statement", "verify"]
