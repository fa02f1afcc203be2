"""Whether open logits of a suspect lie in the column space of an output matrix. Nothing is proved."""
