"""Stage "similarity": how alike two models are, and what that is worth as evidence.

    vectors      two fingerprints: cosine, p-value, verdict
    evidence     two model folders: exact terms and hidden units of matched layers, one verdict from all of it

Only the first can be done without reading a model; the second is imported where it is used.
"""

from .vectors import (
    ENOUGH,
    FEWEST,
    RELATED,
    UNRELATED,
    Comparison,
    Side,
    Verdict,
    compare_vectors,
    cosine,
    null_width,
    p_value,
)

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
