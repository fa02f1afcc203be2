"""Stage "similarity": how alike two models are, and what that is worth as evidence.

    vectors      two fingerprints: cosines of their layers, and a p-value
    evidence     two model folders: every test on what they have in common
    verdict      one word, from vectors; `weigh` from all evidence

Only the first can be done without reading a model; the second is imported where it is used.
"""

from .vectors import compare_vectors, cosine
from .verdict import ENOUGH, FEWEST, RELATED, UNRELATED, Comparison, Side, Verdict, null_width, p_value

__all__ = [
    "ENOUGH",
    "FEWEST",
    "RELATED",
    "UNRELATED",
    "Comparison",
    "Side",
    "Verdict",
    "compare_vectors",
    "cosine",
    "null_width",
    "p_value",
]
