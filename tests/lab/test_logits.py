"""Open logits against an output matrix: what leaves them in its column space, and what does not; what chance does."""

from math import inf, log10

import mpmath
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from transformers import GPTJConfig, GPTJForCausalLM, LlamaConfig, LlamaForCausalLM

from lab.logits.__main__ import row
from lab.logits.span import GRANT, LEVEL, Span, chance, judge

TOKENS, HIDDEN = 500, 32
Logits = NDArray[np.float32]


def model(seed: int) -> tuple[Logits, Logits]:
    """Logits of a decoder with random weights after each of 24 tokens, and its output matrix."""
    torch.manual_seed(seed)
    sizes = {"hidden_size": HIDDEN, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    decoder = LlamaForCausalLM(LlamaConfig(vocab_size=TOKENS, **sizes))
    with torch.no_grad():
        decoder.model.norm.weight.mul_(torch.rand(HIDDEN) + 0.5)
        logits = decoder(input_ids=torch.arange(24)[None]).logits[0]
    return logits.numpy(), decoder.lm_head.weight.detach().numpy()


LOGITS, MATRIX = model(1)
SPAN = Span.of(MATRIX)


def test_its_own_logits_in_every_form_that_a_server_gives_them() -> None:
    rounded = torch.tensor(LOGITS).bfloat16().float().numpy()
    probabilities = torch.log_softmax(torch.tensor(LOGITS), dim=1).numpy()
    turned = MATRIX @ np.linalg.qr(np.random.default_rng(2).normal(size=(HIDDEN, HIDDEN)))[0]
    assert judge(SPAN, LOGITS).rest < 1e-6
    assert 1e-4 < judge(SPAN, rounded).rest < 0.01
    forms = [(SPAN, rounded), (SPAN, probabilities), (SPAN, 0.7 * LOGITS), (Span.of(turned), LOGITS)]
    assert all(judge(span, logits).inside for span, logits in forms)


def test_a_part_of_the_vocabulary_and_too_few_tokens() -> None:
    half = np.random.default_rng(3).permutation(TOKENS)[: TOKENS // 2]
    assert judge(Span.of(MATRIX[half]), LOGITS[:, half]).inside
    with pytest.raises(ValueError, match="20 logits of a position say nothing"):
        Span.of(MATRIX[:20])
    with pytest.raises(ValueError, match="no numbers"):
        Span.of(np.full((TOKENS, HIDDEN), np.nan))


def test_a_bias_of_the_output_layer() -> None:
    torch.manual_seed(4)
    decoder = GPTJForCausalLM(GPTJConfig(vocab_size=TOKENS, n_embd=HIDDEN, n_layer=1, n_head=2, rotary_dim=8))
    with torch.no_grad():
        decoder.lm_head.bias.normal_()
        logits = decoder(input_ids=torch.arange(24)[None]).logits[0].numpy()
    matrix, bias = (part.detach().numpy() for part in (decoder.lm_head.weight, decoder.lm_head.bias))
    assert not judge(Span.of(matrix), logits).inside
    assert judge(Span.of(matrix, bias), logits).inside


def test_strangers_and_heads_that_were_changed() -> None:
    assert judge(SPAN, model(5)[0]).rest > 0.9
    low = np.random.default_rng(6).normal(size=(TOKENS, 3)) @ np.random.default_rng(7).normal(size=(3, HIDDEN))
    hidden = np.linalg.lstsq(MATRIX.astype(float), LOGITS.T.astype(float), rcond=None)[0].T
    adapted = hidden @ (MATRIX + 0.5 * low * np.linalg.norm(MATRIX) / np.linalg.norm(low)).T
    outside = SPAN.outside(adapted)
    assert outside[2] > 1e-3
    assert outside[3] < 1e-9  # nothing is left beside the three directions of rank 3
    assert not judge(SPAN, adapted).inside
    assert judge(SPAN, adapted).spared < 1e-9


@pytest.mark.parametrize(("tokens", "rank"), [(500, 33), (1500, 65), (40, 33)])
@pytest.mark.parametrize("rest", [0.02, 0.05, 0.08, 0.095])
def test_the_bound_is_above_the_probability(tokens: int, rank: int, rest: float) -> None:
    exact = mpmath.betainc((tokens - rank) / 2, rank / 2, 0, rest**2 / GRANT, regularized=True)
    assert mpmath.log10(exact) <= chance(rest, tokens, rank, 1) + 1e-9
    assert chance(rest, tokens, rank, 10) <= 0


def test_chance_at_its_ends() -> None:
    assert chance(0.0, 500, 33, 1) == -inf
    assert chance(0.1, 500, 33, 1) == chance(1.0, 500, 33, 1) == 0.0


def test_strangers_as_the_null_has_them_are_never_inside() -> None:
    """All but a hundredth of their variance inside, the rest in a random direction."""
    random = np.random.default_rng(8)
    for _ in range(200):
        shared = random.normal(size=(4, SPAN.basis.shape[1])) @ SPAN.basis.T
        own = random.normal(size=(4, TOKENS))
        shared, own = (part / np.linalg.norm(part, axis=1, keepdims=True) for part in (shared, own))
        found = judge(SPAN, np.sqrt(1 - GRANT) * shared + np.sqrt(GRANT) * own)
        assert found.p > log10(LEVEL)


def test_a_row_of_the_table() -> None:
    line = row("itself", [judge(SPAN, LOGITS), judge(SPAN, model(5)[0])])
    assert line.startswith("| itself | 2 | 500 | 0.0000 | 0.9")
    assert line.endswith("| 1 of 2 |")
