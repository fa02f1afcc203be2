"""The independent verifier: the specification (proofs/spec) in pure Python.

It shares no code with the native module or with the rest of huref and needs nothing but the standard library, and numpy
where a statement of drift has a public model. Modules are named like those of rust/circuits/src, so that both can be
read side by side. On one core it takes about 4 seconds for a model of MiniLM's size and 6 for two layers of LLaMA-7B,
besides 7 once for the generators.
"""

from .context import Context
from .draw import Draw
from .error import Rejected
from .statement import Answer, Drift, Nearness, Outputs, Shape, Statement

__all__ = ["Answer", "Context", "Draw", "Drift", "Nearness", "Outputs", "Rejected", "Shape", "Statement"]
