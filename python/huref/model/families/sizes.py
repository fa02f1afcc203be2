"""Sizes of a model: from its tensors, and from its config what these cannot tell. Where both tell, they must agree."""

from __future__ import annotations

from ...errors import ModelError
from ..architecture import Architecture
from ..config import LARGEST
from . import latent
from .family import ATTENTION, GATED, expanded
from .feedforward import blocks, experts
from .reading import Reading

#: What configs call the sizes; the first that is set counts.
HIDDEN = ("hidden_size", "n_embd", "d_model", "dim", "n_embed")
#: Of the input embedding, where it may differ.
WIDTH = ("word_embed_proj_dim", "embedding_size", "input_embedding_size")
HEADS = ("num_attention_heads", "n_head", "n_heads", "num_heads", "attention_heads", "decoder_attention_heads")
KEY_VALUE_HEADS = ("num_key_value_heads",)
HEAD_SIZE = ("head_dim", "kv_channels", "d_kv")
NEURONS = ("intermediate_size", "n_inner", "ffn_dim", "ffn_hidden_size", "d_ff", "hidden_dim", "decoder_ffn_dim")
LAYERS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers", "decoder_layers")
VOCABULARY = ("padded_vocab_size", "vocab_size")
EXPERTS = ("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts")
#: Layers beyond those, for predicting several tokens at once.
FURTHER = "num_nextn_predict_layers"


def architecture(reading: Reading) -> tuple[Architecture, tuple[int, ...]]:
    """The sizes, and the numbers of the layers that can be read, ascending.

    Raises:
        ModelError: config and tensors disagree, or neither tells a size.

    """
    family, config = reading.family, reading.config
    for name, allowed, why in family.require:
        config.require(name, allowed, why)
    stored = reading.shape(reading.words)
    vocab = config.size(*VOCABULARY, default=stored[0] - family.further_rows) + family.further_rows
    hidden = config.size(*HIDDEN, default=stored[1])
    expected = stored[1] if reading.projected else hidden
    width = config.size(*WIDTH, default=expected)
    if width != expected:
        raise ModelError(f"{config.where}: embeddings of width {width} ({' or '.join(WIDTH)}), hidden size {hidden}")
    reading.embedding(vocab, hidden)
    count = _layers(reading)
    own = count - (config.count(*family.borrowing) if family.borrowing else 0)
    readable = tuple(index for index in range(own) if not family.partial or _whole(reading, index))
    if not readable:
        raise ModelError(f"{reading.checkpoint.path}: no layer has attention and a feed-forward block that are read")
    found = [_heads(reading, index) for index in (readable if family.varying else readable[:1])]
    (heads, _, _), size, kv_heads = found[0], max(size for _, size, _ in found), max(heads for _, _, heads in found)
    a = Architecture(
        hidden=hidden,
        heads=heads,
        kv_heads=kv_heads,
        head_dim=size,
        ffn=_neurons(reading, readable, hidden),
        layers=count,
        vocab=vocab,
        layer_norm=family.layer_norm,
        unit_rows=family.unit_rows,
    )
    return a, readable


def _layers(reading: Reading) -> int:
    config, family, found = reading.config, reading.family, reading.layers
    if len(reading.stacks) > 1:
        return found
    count = config.layer_count(*LAYERS, default=found >> family.paired) << family.paired
    further = config.size(FURTHER, default=1) if config.has(FURTHER) and config.fields[FURTHER] else 0
    if count > found:
        raise ModelError(
            f"{config.where}: {count} layers, but there is no tensor "
            f"{reading.prefix + reading.at(count - 1) + expanded(family.attention, ATTENTION)[0]!r}"
        )
    if count + further < found:
        raise ModelError(f"{config.where}: {count} layers, but the tensors have layers 0 to {found - 1}")
    return count


def _whole(reading: Reading, index: int) -> bool:
    """Whether a layer has attention and a feed-forward block."""
    at, family = reading.at(index), reading.family
    downs = [expanded(pattern, GATED)[-1].replace("#", "0") for pattern in family.ffn]
    names = expanded(family.attention, ATTENTION)
    there = all(reading.has(reading.first(at, name) or "") for name in names)
    if there and family.alike:
        there = reading.shape(at + names[0])[0] == reading.config.size(*HEADS) * reading.config.size(*HEAD_SIZE)
    return there and any(reading.has(at + down) for down in downs)


def _heads(reading: Reading, index: int) -> tuple[int, int, int]:
    """Query heads, entries of a head, key/value heads."""
    family, config = reading.family, reading.config
    if family.latent:
        found = latent.heads(
            reading, reading.at(index), config.size(*HEADS, default=family.heads.get(config.model_type))
        )
        return found.count, found.size, found.count
    names = [reading.first(reading.at(index), name) or "" for name in expanded(family.attention, ATTENTION)]
    rows = outer = reading.shape(names[-1])[1]
    if len(names) > 2:
        rows, inner = reading.shape(names[0])[0] // (1 + family.gated_queries), reading.shape(names[1])[0]
    else:
        inner = (reading.shape(names[0])[0] - rows) // 2
    rows = max(rows, outer) if family.varying else rows
    size = config.size(*HEAD_SIZE) if any(map(config.has, HEAD_SIZE)) and not family.varying else None
    heads = config.size(*HEADS, default=family.heads.get(config.model_type) or (rows // size if size else None))
    if size is None:
        if rows % heads:
            raise ModelError(f"{config.where}: {heads} heads do not divide the {rows} rows of {names[0]!r}")
        size = rows // heads
    kv_heads = max(1, inner // size) if family.varying else config.size(*KEY_VALUE_HEADS, default=max(1, inner // size))
    if heads % kv_heads:
        raise ModelError(f"{config.where}: {heads} attention heads cannot share {kv_heads} key/value heads evenly")
    return heads, size, kv_heads


def _neurons(reading: Reading, readable: tuple[int, ...], hidden: int) -> int:
    """Of the largest layer."""
    family, config = reading.family, reading.config
    if not family.mixture and not family.varying:
        of_first = sum(block.up.shape[0] for block in blocks(reading, readable[0], hidden))
        neurons = config.size(*NEURONS, default=of_first << family.doubled) >> family.doubled
    else:
        count = max(experts(reading, index) for index in readable)
        stated = count if family.varying else config.count(next(filter(config.has, EXPERTS), ""), count)
        if family.mixture and stated != count and not (family.partial and count == 0):  # they are in other layers
            raise ModelError(f"{config.where}: {stated} experts, but the tensors have {count} in a layer")
        neurons = max(sum(block.up.shape[0] for block in blocks(reading, index, hidden)) for index in readable)
    if neurons > LARGEST:  # of all experts together; each of the numbers behind it was smaller
        raise ModelError(f"{config.where}: a layer of {neurons} neurons; at most {LARGEST} can be read")
    return neurons
