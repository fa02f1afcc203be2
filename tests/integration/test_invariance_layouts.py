"""Every family of transformers in disguise: what its own network does not feel, its fingerprint does not show.

The changes are made on the very tensors of tiny random models, through views of their plain parts, so that fused,
interleaved and transposed layouts are all disguised alike; transformers judges that the network stays the same.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.integration.test_families import CASES, Case, Theirs
from tests.integration.test_invariance import vector
from tests.support import further, models
from tests.support.further import Further
from tests.support.layouts import Array, Layout, knows, layout

#: Their LayerNorm works in single precision, whatever the model is in; the strongest shift is felt there.
SINGLE_PRECISION = {"OlmoConfig", "CohereConfig", "Cohere2Config"}
VOCABULARY, HIDDEN, HEADS = 600, 64, 4
MILD, EXTREME = 4.0, 1000.0
Rng = np.random.Generator
Change = Callable[[Layout, Rng, float], None]


def spread(rng: Rng, strength: float, *shape: int) -> Array:
    """Factors from 1 / strength to strength."""
    return np.exp(rng.uniform(-1, 1, shape) * np.log(strength))


def orthogonal(rng: Rng, size: int) -> Array:
    return np.linalg.qr(rng.standard_normal((size, size)))[0]


def invertible(rng: Rng, size: int, strength: float) -> Array:
    """Condition number `strength`, at a scale of its own."""
    values = np.logspace(-0.5, 0.5, size, base=strength)
    return orthogonal(rng, size) * values @ orthogonal(rng, size) * spread(rng, strength**0.5, 1)


def permute_heads(model: Layout, rng: Rng, _strength: float) -> None:
    if model.own_places:
        return
    for layer in model.layers:
        groups, per = layer.q.shape[:2]
        order, inner = rng.permutation(groups), rng.permutation(per)
        for part in (layer.k, layer.v):
            part[:] = part[order]
        for part in (layer.q, layer.o):
            part[:] = part[order][:, inner]


def mix_queries(model: Layout, rng: Rng, strength: float) -> None:
    """Each pair that rotary positions turn: turned and scaled. The rest of a head: any change of basis."""
    if model.head_norm:
        return
    for layer in model.layers:
        e = layer.k.shape[1]
        for group in range(len(layer.k)):
            basis = np.eye(e)
            r = model.rotary
            firsts, seconds = np.arange(r // 2), np.arange(r // 2, r)
            if model.interleaved:
                firsts, seconds = np.arange(0, r, 2), np.arange(1, r, 2)
            z = spread(rng, strength**0.5, r // 2) * np.exp(1j * rng.uniform(0, 2 * np.pi, r // 2))
            basis[firsts, firsts] = basis[seconds, seconds] = z.real
            basis[firsts, seconds], basis[seconds, firsts] = -z.imag, z.imag
            if isinstance(model, Further):  # whose positions are not known here
                basis *= spread(rng, strength, 1)
            elif r < e:
                basis[r:, r:] = invertible(rng, e - r, strength)
            layer.k[group] = basis @ layer.k[group]
            layer.q[group] = np.linalg.inv(basis).T @ layer.q[group]


def mix_values(model: Layout, rng: Rng, strength: float) -> None:
    for layer in model.layers:
        for group in range(len(layer.v)):
            if isinstance(model, Further) and model.fixed_values:  # by a gate for each entry
                continue
            basis = invertible(rng, layer.v.shape[1], strength)
            layer.v[group] = basis @ layer.v[group]
            layer.o[group] = np.linalg.inv(basis).T @ layer.o[group]


def permute_neurons(model: Layout, rng: Rng, _strength: float) -> None:
    for layer in model.layers:
        for ffn in layer.ffns:
            order = rng.permutation(len(ffn.up))
            for part in (ffn.up, ffn.down, ffn.gate):
                if part is not None:
                    part[:] = part[order]


def rescale_neurons(model: Layout, rng: Rng, strength: float) -> None:
    """Gated neurons are linear in up."""
    for layer in model.layers:
        for ffn in layer.ffns:
            if ffn.gate is not None and not (isinstance(model, Further) and model.fixed_up):
                factors = spread(rng, strength, len(ffn.up), 1)
                ffn.up *= factors
                ffn.down /= factors


def transfer_gammas(model: Layout, rng: Rng, strength: float) -> None:
    for layer in model.layers:
        for weight, reads in layer.before:
            factors = spread(rng, strength, HIDDEN)
            weight[:] = (weight + model.gamma) * factors - model.gamma
            for part in reads:
                part /= factors


def fixed_hidden(model: Layout) -> bool:
    """Positions that are computed, or a matrix behind the embedding, fix the basis of the hidden state."""
    return isinstance(model, Further) and model.fixed_hidden


def permute_hidden(model: Layout, rng: Rng, _strength: float) -> None:
    if fixed_hidden(model):
        return
    order = rng.permutation(HIDDEN)
    for part in model.hidden():
        part[:] = part[..., order]


def rotate_hidden(model: Layout, rng: Rng, _strength: float) -> None:
    """Norm weights go into what reads them; a LayerNorm keeps the vector of ones where it is."""
    if model.behind or fixed_hidden(model):
        return
    for layer in model.layers:
        for weight, reads in layer.before:
            for part in reads:
                part *= weight + model.gamma
            weight[:] = 1 - model.gamma
    rotation = orthogonal(rng, HIDDEN)
    if model.layer_norm:
        basis = np.linalg.qr(np.column_stack([np.ones(HIDDEN), rng.standard_normal((HIDDEN, HIDDEN - 1))]))[0]
        inner = np.eye(HIDDEN)
        inner[1:, 1:] = orthogonal(rng, HIDDEN - 1)
        rotation = basis @ inner @ basis.T
    for part in model.hidden():
        if part.ndim > 1:
            part[:] = part @ rotation.T


def shift_hidden(model: Layout, rng: Rng, strength: float) -> None:
    """A constant in every row that is written: a LayerNorm takes it away."""
    if model.layer_norm and not fixed_hidden(model):
        for part in model.writing():
            part += strength / 10 * part.std() * rng.standard_normal((*part.shape[:-1], 1))


def move_mean(model: Layout, rng: Rng, strength: float) -> None:
    """Learnt positions: word rows + u, position rows - u."""
    if model.positions and not fixed_hidden(model):
        u = rng.standard_normal(HIDDEN) * model.words.std() * strength / 10
        model.words += u
        for positions in model.positions:
            positions -= u


#: Those whose parts `tests.support.layouts` knows.
PARTS = [name for name in CASES if knows(name) or name in further.FAMILIES]
CHANGES: tuple[Change, ...] = (
    *(permute_heads, mix_queries, mix_values, permute_neurons, rescale_neurons),
    *(transfer_gammas, permute_hidden, rotate_hidden, shift_hidden, move_mean),
)


def all_together(model: Layout, rng: Rng, strength: float) -> None:
    for change in CHANGES:
        change(model, rng, strength)


def within_halves(model: Layout, rng: Rng, strength: float) -> None:
    for change in CHANGES[:5]:
        change(model, rng, strength)


def of_the_hidden_state(model: Layout, rng: Rng, strength: float) -> None:
    for change in CHANGES[5:]:
        change(model, rng, strength)


#: Which changes families go through: the first ones each; further ones some together. All extreme ones together are
#: more than the rounding of what is stored leaves of some families.
CALLED: dict[tuple[bool, float], tuple[Change, ...]] = {
    **dict.fromkeys(((False, MILD), (False, EXTREME)), (*CHANGES, all_together)),
    **{(True, MILD): (all_together,), (True, EXTREME): (within_halves, of_the_hidden_state)},
}


def wide(name: str, case: Case) -> Case:
    """Heads of 16 in a hidden state of 64, so that partial rotary positions turn whole pairs."""
    sizes = {
        key: HIDDEN
        for key in ("hidden_size", "n_embd", "d_model", "dim", "word_embed_proj_dim", "embedding_size")
        if key in case.fields
    }
    if name == "olmo_hybrid":  # two layers to read, and one of the others
        sizes |= {"num_hidden_layers": 3, "layer_types": ["linear_attention", *["full_attention"] * 2]}
    sizes |= {"head_dim": HIDDEN // HEADS} if "head_dim" in case.fields else {}
    sizes |= {"mamba_d_head": 32} if case.config in {"BambaConfig", "GraniteMoeHybridConfig"} else {}
    fields = case.fields | sizes | {"vocab_size": VOCABULARY}
    for part in {"encoder", "decoder"} & fields.keys():
        inner = {"hidden_size": HIDDEN, "vocab_size": VOCABULARY, "cross_attention_hidden_size": HIDDEN}
        fields[part] = fields[part] | {key: value for key, value in inner.items() if key in fields[part]}
    return Case(**{**vars(case), "fields": fields})


def write(theirs: Theirs, name: str, folder: Path, change: Change | None, strength: float) -> tuple[Path, Array]:
    """The folder of a model, changed or not, stored in single precision; and what it makes of a sentence in double
    precision, whatever the order of hidden units.
    """
    import torch
    import transformers
    from safetensors.numpy import load_file

    case = theirs.case
    theirs.save(folder)
    (folder / "tokenizer.json").write_text(models.trained("bert", VOCABULARY))
    tensors = {key: tensor.astype(np.float64) for key, tensor in load_file(folder / "model.safetensors").items()}
    parts = (further.layout if name in further.FAMILIES else layout)(name, tensors, HEADS, key_value_heads(case))
    for norm in parts.norms:
        norm[:] = (norm != 0) * (
            1 - parts.gamma * (not parts.plain_last)
        )  # a last norm without weights is in no rotation's way
    if change:
        change(parts, np.random.default_rng(zlib.crc32(name.encode())), strength)
    models.write_weights(folder, {key: t.copy("C") for key, t in tensors.items()})
    model = getattr(transformers, case.model or "AutoModel").from_pretrained(folder, dtype=torch.float64).eval()
    model.config._experts_implementation = "eager"
    single = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    with torch.no_grad():
        given = theirs.arguments(torch.arange(100, 120)[None])
        states = model(**{key: value for key, value in given.items() if "position" not in key})
        states = states.last_hidden_state[0].numpy()
    torch.set_default_dtype(single)
    models.write_weights(folder, {key: t.astype(np.float32, "C") for key, t in tensors.items()})
    return folder, states @ states.T


def key_value_heads(case: Case) -> int:
    """Key/value heads."""
    if case.config == "GPTBigCodeConfig":
        return 1 if case.fields.get("multi_query", True) else HEADS
    if case.config == "DbrxConfig":
        return int(case.fields["attn_config"]["kv_n_heads"])
    if case.config == "FalconConfig":
        return 1 if case.fields.get("multi_query") else case.fields.get("num_kv_heads", HEADS)
    return int(case.fields.get("num_key_value_heads", HEADS))


@pytest.mark.parametrize("strength", [MILD, EXTREME], ids=["mild", "extreme"])
@pytest.mark.parametrize("name", PARTS)
def test_disguise(name: str, strength: float, tmp_path: Path) -> None:
    case = wide(name, CASES[name])
    theirs = Theirs(case)
    first, expected = write(theirs, name, tmp_path / "a", None, strength)
    original = vector(first)
    failed = []
    for change in CALLED[name in further.FAMILIES, strength]:
        second, states = write(theirs, name, tmp_path / change.__name__, change, strength)
        moved = np.abs(states - expected).max() / np.abs(expected).max()
        cosine = original @ vector(second)
        within = 0.1 if case.config in SINGLE_PRECISION else 1e-3
        if not moved <= within or cosine < 0.999:
            failed.append((change.__name__, moved, cosine))
    assert not failed
