"""What a thief can do to a model without changing what it computes. Each takes a network and returns another one.

`strength` is how far a change may go: scales lie between 1/strength and strength, changes of basis have condition
numbers up to strength. `same` is the judge: it compares what two networks compute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from tests.support.models import Array, Block, Network, Norm, forward

Disguise = Callable[[Network, np.random.Generator, float], Network]

MILD, EXTREME = 4.0, 1000.0


def answers(net: Network, rng: np.random.Generator) -> Array:
    """What a network says about a sentence, in terms that do not depend on the numbering of tokens or hidden units.

    Language models: log-probabilities of every token after each token. BERT: inner products of its hidden states.
    """
    vocabulary = net.tokenizer["model"]["vocab"]
    ids = np.array([vocabulary[piece] for piece in sorted(vocabulary)])
    out = forward(net, rng.choice(ids, 24))
    if net.family == "bert":
        return out @ out.T
    out = out - out.max(-1, keepdims=True)
    out = out - np.log(np.exp(out).sum(-1, keepdims=True))
    return out[:, ids]


def same(one: Network, other: Network) -> float:
    """Largest difference of what two networks compute, in standard deviations of what the first one computes."""
    a, b = (answers(net, np.random.default_rng(5)) for net in (one, other))
    return float(np.abs(a - b).max() / a.std())


# Tools


def _scales(rng: np.random.Generator, size: int, strength: float) -> Array:
    return np.exp(rng.uniform(-1, 1, size) * np.log(strength))


def _orthogonal(rng: np.random.Generator, size: int) -> Array:
    return np.linalg.qr(rng.standard_normal((size, size)))[0]


def _invertible(rng: np.random.Generator, size: int, strength: float) -> Array:
    """Condition number `strength`, at a scale of its own."""
    spread = np.logspace(-0.5, 0.5, size, base=strength)
    return _orthogonal(rng, size) * spread @ _orthogonal(rng, size) * _scales(rng, 1, strength**0.5)


def _reading(net: Network) -> Iterator[tuple[Block, str, Norm]]:
    """Every matrix that reads the hidden state, with the norm whose output it reads."""
    before = net.norm
    for block in net.blocks:
        first, second = block.attention_norm, block.ffn_norm
        if net.family == "bert":
            first, second = before, block.attention_norm
            before = block.ffn_norm
        yield from ((block, part, first) for part in ("q", "k", "v"))
        yield from ((block, part, second) for part in ("up", "gate") if getattr(block, part) is not None)


def _map_hidden(net: Network, write: Callable[[Array], Array], read: Callable[[Array, Norm], Array]) -> None:
    """Applies `write` to every vector that is added to the hidden state, `read` to every row that reads it."""
    for block, part, norm in list(_reading(net)):
        setattr(block, part, read(getattr(block, part), norm))
    if net.head is not None:
        net.head = read(net.head, net.norm)
    net.words = write(net.words)
    net.positions = None if net.positions is None else write(net.positions)
    for block in net.blocks:
        block.o, block.down = write(block.o.T).T, write(block.down.T).T
        block.o_bias, block.down_bias = write(block.o_bias), write(block.down_bias)


def _untie(net: Network) -> None:
    if net.head is None and net.family != "bert":
        net.head = net.words.copy()


def _heads(matrix: Array, size: int) -> Array:
    return matrix.reshape(-1, size, *matrix.shape[1:])


def _map_groups(net: Network, block: Block, inner: str, outer: str, maps: list[tuple[Array, Array]]) -> None:
    """Rows of `inner` (k or v) of group i times `maps[i][0]`, of `outer` (q, or o transposed) times `maps[i][1]`."""
    e = net.head_dim
    for part, side in ((inner, 0), (outer, 1)):
        repeat = net.group if side else 1
        factors = np.repeat(np.stack([pair[side] for pair in maps]), repeat, axis=0)
        for name in (part, part + "_bias"):
            if name == "o_bias":
                continue
            value = getattr(block, name)
            rows = value.T if part == "o" else value
            mapped = np.einsum("hij,hj...->hi...", factors, _heads(rows, e)).reshape(rows.shape)
            setattr(block, name, mapped.T if part == "o" else mapped)


# Hidden units


def permute_hidden(net: Network, rng: np.random.Generator, _strength: float) -> Network:
    net, order = net.copy(), rng.permutation(net.hidden)
    _map_hidden(net, lambda rows: rows[..., order], lambda rows, _: rows[..., order])
    for norm in net.norms():
        norm.weight = norm.weight[order]
        norm.shift = None if norm.shift is None else norm.shift[order]
    return net


def flip_signs(net: Network, rng: np.random.Generator, _strength: float) -> Network:
    """RMSNorm: any signs. LayerNorm, which subtracts a mean: all of them."""
    net = net.copy()
    signs = rng.choice([-1.0, 1.0], net.hidden) if net.family == "llama" else -np.ones(net.hidden)
    _map_hidden(net, lambda rows: rows * signs, lambda rows, _: rows * signs)
    for norm in net.norms():
        norm.shift = None if norm.shift is None else norm.shift * signs
    return net


def rotate_hidden(net: Network, rng: np.random.Generator, _strength: float) -> Network:
    """Pre-norm families: norm weights go into what reads them; LayerNorm: the rotation keeps the vector of ones."""
    net, d = net.copy(), net.hidden
    _untie(net)
    rotation = _orthogonal(rng, d)
    if net.family == "gpt2":
        basis = np.linalg.qr(np.column_stack([np.ones(d), rng.standard_normal((d, d - 1))]))[0]
        inner = np.eye(d)
        inner[1:, 1:] = _orthogonal(rng, d - 1)
        rotation = basis @ inner @ basis.T
    _map_hidden(net, lambda rows: rows @ rotation.T, lambda rows, norm: rows * norm.weight @ rotation.T)
    for norm in net.norms():
        norm.shift = None if norm.shift is None else rotation @ (norm.shift / norm.weight)
        norm.weight = np.ones(d)
    return net


def transfer_gammas(net: Network, rng: np.random.Generator, strength: float) -> Network:
    """Pre-norm families: a norm's weight times s, what reads it divided by s."""
    net = net.copy()
    _untie(net)
    scales = {id(norm): _scales(rng, net.hidden, strength) for norm in net.norms()}
    _map_hidden(net, lambda rows: rows, lambda rows, norm: rows / scales[id(norm)])
    for norm in net.norms():
        norm.weight = norm.weight * scales[id(norm)]
        norm.shift = None if norm.shift is None else norm.shift * scales[id(norm)]
    return net


def shift_hidden(net: Network, rng: np.random.Generator, strength: float) -> Network:
    """LayerNorm families: a constant added to every vector that is written, and to every row that reads."""
    net, size = net.copy(), strength / 10
    _untie(net)

    def write(rows: Array) -> Array:
        return rows + size * rows.std(-1, keepdims=True) * rng.standard_normal((*rows.shape[:-1], 1))

    for block, part, norm in _reading(net):
        rows = getattr(block, part)
        assert norm.shift is not None
        constant = size * (rows * norm.weight).std(-1) * rng.standard_normal(len(rows))
        bias = getattr(block, part + "_bias")
        setattr(block, part + "_bias", bias - constant * (norm.shift / norm.weight).sum())
        setattr(block, part, rows + constant[:, None] / norm.weight)
    _map_hidden(net, write, lambda rows, _: rows)
    return net


def move_mean(net: Network, rng: np.random.Generator, strength: float) -> Network:
    """Learnt positions: word rows + u, position rows - u, with |u| up to 100 times that of a row."""
    net = net.copy()
    assert net.positions is not None
    direction = rng.standard_normal(net.hidden)
    u = direction * (net.words - net.words.mean(0)).std(-1).mean() * strength / 10
    net.words, net.positions = net.words + u, net.positions - u
    return net


# Heads


def permute_heads(net: Network, rng: np.random.Generator, _strength: float) -> Network:
    """Key/value heads, and the query heads of each among themselves."""
    net, e = net.copy(), net.head_dim
    for block in net.blocks:
        groups = rng.permutation(net.kv_heads)
        heads = np.concatenate([group * net.group + rng.permutation(net.group) for group in groups])
        for names, order in ((("k", "v", "k_bias", "v_bias"), groups), (("q", "q_bias"), heads)):
            for name in names:
                value = getattr(block, name)
                setattr(block, name, _heads(value, e)[order].reshape(value.shape))
        block.o = _heads(block.o.T, e)[heads].reshape(block.o.T.shape).T
    return net


def rescale_heads(net: Network, rng: np.random.Generator, strength: float) -> Network:
    """Queries times c, keys divided by c."""
    net, eye = net.copy(), np.eye(net.head_dim)
    for block in net.blocks:
        scales = _scales(rng, net.kv_heads, strength)
        _map_groups(net, block, "k", "q", [(eye / c, eye * c) for c in scales])
    return net


def mix_queries(net: Network, rng: np.random.Generator, strength: float) -> Network:
    """A change of basis inside each head: any with learnt positions; with rotary ones, each pair turned and scaled."""
    net, e = net.copy(), net.head_dim

    def pair() -> tuple[Array, Array]:
        if net.family != "llama":
            basis = _invertible(rng, e, strength)
            return np.linalg.inv(basis).T, basis
        z = _scales(rng, e // 2, strength**0.5) * np.exp(1j * rng.uniform(0, 2 * np.pi, e // 2))
        return _complex(1 / z.conj()), _complex(z)

    for block in net.blocks:
        _map_groups(net, block, "k", "q", [pair() for _ in range(net.kv_heads)])
    return net


def _complex(z: NDArray[np.complex128]) -> Array:
    """Multiplication of entries (i, i + e/2), read as complex numbers, by z_i."""
    real, imaginary = np.diag(z.real), np.diag(z.imag)
    return np.block([[real, -imaginary], [imaginary, real]])


def mix_values(net: Network, rng: np.random.Generator, strength: float) -> Network:
    """Any change of basis of the values of a group, undone in the output matrix."""
    net = net.copy()
    for block in net.blocks:
        bases = [_invertible(rng, net.head_dim, strength) for _ in range(net.kv_heads)]
        _map_groups(net, block, "v", "o", [(basis, np.linalg.inv(basis).T) for basis in bases])
    return net


# Neurons and tokens


def permute_neurons(net: Network, rng: np.random.Generator, _strength: float) -> Network:
    net = net.copy()
    for block in net.blocks:
        order = rng.permutation(len(block.up))
        block.up, block.up_bias, block.down = block.up[order], block.up_bias[order], block.down[:, order]
        block.gate = None if block.gate is None else block.gate[order]
    return net


def rescale_neurons(net: Network, rng: np.random.Generator, strength: float) -> Network:
    """Gated blocks are linear in up: up times c, down divided by c."""
    net = net.copy()
    for block in net.blocks:
        scales = _scales(rng, len(block.up), strength)
        block.up, block.down = block.up * scales[:, None], block.down / scales
    return net


def renumber(net: Network, rng: np.random.Generator, _strength: float) -> Network:
    """Other ids for all tokens, in the embedding, the output matrix and the tokenizer."""
    net, new = net.copy(), rng.permutation(len(net.words))
    old = np.argsort(new)
    net.words = net.words[old]
    net.head = None if net.head is None else net.head[old]
    model = net.tokenizer["model"]
    model["vocab"] = {piece: int(new[number]) for piece, number in model["vocab"].items()}
    for token in net.tokenizer["added_tokens"]:
        token["id"] = int(new[token["id"]])
    return net


_ALL = (permute_hidden, flip_signs, permute_heads, rescale_heads, mix_queries, mix_values, permute_neurons, renumber)
ALLOWED: dict[str, tuple[Disguise, ...]] = {
    "llama": (*_ALL, rotate_hidden, transfer_gammas, rescale_neurons),
    "bert": (*_ALL, shift_hidden, move_mean),
    "gpt2": (*_ALL, rotate_hidden, transfer_gammas, shift_hidden, move_mean),
}


def all_together(net: Network, rng: np.random.Generator, strength: float) -> Network:
    """Every disguise that the family allows, one on top of the other."""
    for disguise in ALLOWED[net.family]:
        net = disguise(net, rng, strength)
    return net
