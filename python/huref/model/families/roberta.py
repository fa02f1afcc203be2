"""RoBERTa, XLM-RoBERTa and CamemBERT: BERT's network and names under another prefix."""

from __future__ import annotations

from dataclasses import replace

from . import bert

FAMILY = replace(bert.FAMILY, name="roberta", types=("roberta", "xlm-roberta", "camembert"), prefixes=("roberta.", ""))
