"""Names of tensors as a model itself has them, where training or a tool has put its own words between."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ...errors import ModelError
from ..checkpoint import Checkpoint
from ..config import Config
from ..entry import Entry

#: Modules that wrap others: those of compiled and of distributed training, anywhere; torch's, DeepSpeed's and peft's
#: own, before all names.
_WRAPPERS = re.compile(r"(?:(?<=\.)|^)(?:_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module|_forward_module)\.")
_FIRST = re.compile(r"^(?:module\.)+|^base_model\.model\.")
#: What stands before the layers, and the embedding there; a tied model may have been saved with its head alone.
_EMBEDDINGS = {"model.layers.": "model.embed_tokens.weight", "transformer.h.": "transformer.wte.weight"}
_MIXTRAL = {"gate_proj.weight": "w1.weight", "up_proj.weight": "w3.weight", "down_proj.weight": "w2.weight"}
HEAD = "lm_head.weight"
#: Rows of an embedding and those of tokens that were added to it.
WORDS, NEW_WORDS = "wte.embedding", "wte.new_embedding"
#: A model whose layers are pairs: two attentions, two feed-forward blocks, and experts beside the first.
PAIRED = "longcat_flash"
#: A model whose attention and feed-forward blocks are layers of their own.
APART = "nemotron_h"
_LAYER = re.compile(r"(.*\blayers\.)(\d{1,5})\.(norm|mixer)\.(.*)")
_PAIR = re.compile(r"\blayers\.(\d{1,5})\.(?:(input_layernorm|self_attn|mlp|post_attention_layernorm)s?\.([01])|mlp)\.")


def plain(name: str) -> str:
    """The name without what wraps it."""
    return _FIRST.sub("", _WRAPPERS.sub("", name))


def own(checkpoint: Checkpoint, config: Config) -> Checkpoint:
    """The checkpoint under the names of the model itself, with the embedding where only the head of a tied model is.

    Raises:
        ModelError: two tensors get one name, or adapters (LoRA) stand in it unmerged.

    """
    place: dict[str, Entry] = {}
    for name, entry in checkpoint.place.items():
        own = plain(name)
        if own in place:
            raise ModelError(f"{checkpoint.path}: tensors {place[own].name!r} and {name!r} have one name: {own!r}")
        place |= dict(_experts(_halved(own) if config.model_type.startswith(PAIRED) else own, entry))
    for name in [name for name in place if name.endswith(NEW_WORDS)]:
        at = name.removesuffix(NEW_WORDS)
        if (words := place.get(at + WORDS)) is not None:
            place[at + "wte.weight"] = words.before(place[name])
    place = _without_adapters(checkpoint, place, config)
    place = joined(place) if config.model_type.startswith(APART) else place
    if HEAD in place and config.flag("tie_word_embeddings", True):
        for layers, embedding in _EMBEDDINGS.items():
            if embedding not in place and any(name.startswith(layers) for name in place):
                place[embedding] = place[HEAD]
    return Checkpoint(checkpoint.path, place, checkpoint.files)


def _halved(name: str) -> str:
    """The name in a model that has a layer for each half of a pair."""
    found = _PAIR.search(name)
    if found is None:
        return name
    layer, part = 2 * int(found[1]) + int(found[3] or 0), found[2] or "mlp"
    return f"{name[: found.start()]}layers.{layer}.{part}.{name[found.end() :]}"


def joined(place: Mapping[str, Entry]) -> dict[str, Entry]:
    """An attention and the feed-forward block directly behind it as one layer, which has the number of the block."""
    found = {name: match for name in place if (match := _LAYER.fullmatch(name))}
    attentions = {(one[1], int(one[2]) + 1) for one in found.values() if one[4] == "q_proj.weight"}
    blocks = attentions & {(one[1], int(one[2])) for one in found.values() if "up_proj" in one[4]}

    def renamed(name: str) -> str:
        if (one := found.get(name)) is None:
            return name
        at, number = one[1], int(one[2])
        for half, kind in ((number, "ffn"), (number + 1, "attention")):
            if (at, half) in blocks:
                return f"{at}{half}.{kind}{'_norm' if one[3] == 'norm' else ''}.{one[4]}"
        return name

    return {renamed(name): entry for name, entry in place.items()}


def _experts(name: str, entry: Entry) -> Iterator[tuple[str, Entry]]:
    """A tensor; of experts that MLX stacks, each under the name that it has in transformers."""
    at, stacked, kind = name.partition("switch_mlp.")
    if not stacked or len(entry.shape) != 3:
        yield name, entry
        return
    kind = _MIXTRAL.get(kind, kind) if at.endswith("block_sparse_moe.") else kind
    for number in range(entry.shape[0]):
        yield f"{at}experts.{number}.{kind}", entry.part(number)


def _without_adapters(checkpoint: Checkpoint, place: Mapping[str, Entry], config: Config) -> dict[str, Entry]:
    """A model that is meant to be used without its adapters, of images or sound, is read without them."""
    adapter = next((name for name in place if ".lora_A." in name or ".lora_embedding_A" in name), None)
    if adapter is None:
        return dict(place)
    if not (config.has("speech_lora") or config.has("vision_lora")):
        raise ModelError(
            f"{checkpoint.path}: holds an adapter (LoRA) beside the weights that it changes ({adapter!r}); merge "
            "it first, where the model is made: model.merge_and_unload().save_pretrained(OUT)"
        )
    kept = {name: entry for name, entry in place.items() if ".lora_" not in name}
    return {name.replace(".base_layer.", "."): entry for name, entry in kept.items()}
