"""Every model type that transformers knows: read, or refused in a sentence.

    python -m lab.model_types [PAGE]

A tiny random model of each type is made where its config allows that, saved, and opened. Of one that is read, the
output matrices and down matrices that the reading names are set to zero in its file: if they are the right ones, and
all of them, no token of transformers' own network hears of another one any more. What families do is tested far more
closely in tests/integration/test_families.py; this shows what is missing.
"""

from __future__ import annotations

import json
import sys
import tempfile
import warnings
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from huref.errors import ModelError
from huref.model import Model, open_model
from huref.model.layer import Matrix

PAGE = Path(__file__).parents[1] / "docs/reference/model-types.md"
#: What sizes of a config become, whatever they are called.
SIZES = {
    64: "hidden_size n_embd d_model dim word_embed_proj_dim embed_dim",
    96: "hidden_dim intermediate_size ffn_dim n_inner ffn_hidden_size d_ff decoder_ffn_dim encoder_ffn_dim",
    24: "moe_intermediate_size q_lora_rank patch_size",
    20: "kv_lora_rank",
    120: (
        "vocab_size vocab_size_per_layer_input image_size max_position_embeddings n_positions max_source_positions "
        "max_target_positions"
    ),
    32: "embedding_size shared_expert_intermediate_size input_embedding_size",
    16: "head_dim d_kv v_head_dim linear_key_head_dim linear_value_head_dim hidden_size_per_layer_input index_head_dim",
    12: "qk_nope_head_dim",
    8: "qk_rope_head_dim rotary_dim mamba_d_state ssm_state_size laurel_rank",
    4: (
        "num_hidden_layers n_layer n_layers num_layers num_decoder_layers num_attention_heads n_head n_heads num_heads "
        "decoder_attention_heads encoder_attention_heads num_experts num_local_experts n_routed_experts "
        "moe_num_experts linear_num_value_heads"
    ),
    2: (
        "decoder_layers encoder_layers num_key_value_heads num_experts_per_tok top_k linear_num_key_heads moe_topk "
        "moe_k depth num_blocks encoder_num_hidden_layers num_encoder_layers index_n_heads"
    ),
    1: "n_shared_experts first_k_dense_replace n_group topk_group mamba_n_groups n_groups",
    0: "pad_token_id num_kv_shared_layers",
}
SMALL = {name: size for size, names in SIZES.items() for name in names.split()}
#: Lists for each layer: the config makes them again.
LISTS = {"layer_types", "mlp_layer_types", "layers_block_type", "no_rope_layers", "per_layer_config"}
LISTS |= {
    "kv_source_layers",
    "indexer_types",
    "attention_types",
    "transformers_version",
    "model_type",
    "architectures",
    "dtype",
}
LARGEST = 60_000_000


def small(fields: dict[str, Any]) -> dict[str, Any]:
    """A config with small sizes, inner ones too."""
    made = {}
    for name, value in fields.items():
        if isinstance(value, dict) and ("model_type" in value or name.endswith("config")):
            made[name] = small(value) | ({"model_type": value["model_type"]} if "model_type" in value else {})
        elif name == "num_key_value_heads" and "kv_lora_rank" in fields:
            made[name] = SMALL["num_attention_heads"]
        elif name == "num_key_value_heads" and "multi_query" in fields:  # it follows from that
            continue
        elif name in SMALL and type(value) is int:
            made[name] = SMALL[name]
        elif name not in LISTS:
            made[name] = value
    return made


def own(config: Any) -> Any:
    """The class of a part of another model, which AutoModel does not know; None of all others."""
    import transformers

    if type(config) in transformers.MODEL_MAPPING:
        return None
    return getattr(transformers, type(config).__name__.removesuffix("Config") + "Model", None)


def tiny(kind: str) -> Any:
    """A tiny random model of that type. Whatever its code raises, if it cannot be made like this."""
    import torch
    from transformers import CONFIG_MAPPING, AutoModel

    config = CONFIG_MAPPING[kind]
    torch.manual_seed(0)
    made = config(**small(config().to_dict()))
    made._attn_implementation = "eager"
    model = AutoModel.from_config(made) if own(made) is None else own(made)._from_config(made)
    if sum(values.numel() for values in model.parameters()) > LARGEST:
        raise ValueError("large in spite of small sizes")
    return model.eval()


def silenced(folder: Path, model: Model) -> bool | None:
    """Whether tokens stop hearing of each other when what layers add is zero; None where that says nothing: layers that
    are not read, or a network that takes more than tokens.
    """
    import torch
    from safetensors.numpy import load_file, save_file
    from transformers import AutoConfig, AutoModel

    if len(model.readable) < model.architecture.layers:
        return None
    path = folder / "model.safetensors"
    tensors, layers = load_file(path), list(map(model.layer, model.readable))
    writing = {name for layer in layers for name in map(_tensor, (layer.o, *layer.down))}
    save_file({name: np.zeros_like(t) if name in writing else t for name, t in tensors.items()}, path)
    theirs = (own(AutoConfig.from_pretrained(folder)) or AutoModel).from_pretrained(folder).eval()
    if theirs.config.is_encoder_decoder or any("mamba" in name for name in tensors):  # tokens are heard in more ways
        return None
    ids = torch.tensor([[7, 8, 9, 10, 11], [7, 20, 21, 22, 11]])
    try:
        with torch.no_grad():
            states = [theirs(one).last_hidden_state[0, -1] for one in ids.split(1)]  # together they may round apart
    except Exception:
        return None
    return bool(torch.equal(states[0], states[1]))


def _tensor(matrix: Matrix) -> str:
    """The name that a tensor has in its file."""
    return matrix.name.rsplit("tensor ", 1)[-1].strip("'")


def results() -> Iterator[tuple[str, str, str]]:
    """Type, outcome, and what there is to say about it."""
    from transformers import CONFIG_MAPPING

    for kind in list(CONFIG_MAPPING):
        try:
            model = tiny(kind)
        except Exception as why:
            yield kind, "not built", type(why).__name__
            continue
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            model.save_pretrained(folder)
            try:
                opened = open_model(folder)
                heard = silenced(folder, opened)
            except ModelError as why:
                words = str(why).split(": ", 1)[-1].split("; ", 1)[-1]
                yield kind, "refused", words.removeprefix(f"architecture '{kind}' ")
                continue
            words = {True: "checked", False: "WRONG", None: "layers with attention, or not by tokens alone"}
            yield kind, "read", f"{opened.family}: {words[heard]}"


def page(found: list[tuple[str, str, str]]) -> str:
    """The page of results."""
    import transformers

    groups: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for kind, outcome, words in found:
        groups[outcome][words].append(f"`{kind}`")
    counts = [f"{sum(map(len, group.values()))} {outcome}" for outcome, group in sorted(groups.items(), reverse=True)]
    lines = [
        "# Model types that transformers knows",
        "",
        f"Written by `make model-types` on {datetime.now(UTC):%Y-%m-%d}, with transformers {transformers.__version__},",
        "each type tried on a tiny random model: " + ", ".join(counts) + ". `checked` means: with the",
        "matrices zero that the reading says write to the hidden state, no token of transformers' own network hears of",
        "another one. Not built are parts of other models, types that are no language models, and those that need",
        "more than smaller sizes; families among them are tested with configs of their own.",
    ]
    for outcome, group in sorted(groups.items(), reverse=True):
        lines += ["", f"## {outcome.capitalize()}", "", "| types | |", "|---|---|"]
        lines += [f"| {', '.join(kinds)} | {words} |" for words, kinds in sorted(group.items())]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Exit status 1 if a reading is wrong."""
    warnings.filterwarnings("ignore")
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    found = []
    for result in results():
        print(json.dumps(result), flush=True)
        found.append(result)
    (Path(sys.argv[1]) if sys.argv[1:] else PAGE).write_text(page(found), "utf-8")
    return int(any("WRONG" in words for _, _, words in found))


if __name__ == "__main__":
    sys.exit(main())
