"""Tuning that is not plain language modelling: preferences, self-play, and a fingerprint that is taught.

preferred     direct preference optimisation (Rafailov et al. 2023, arXiv 2305.18290)
self_played   SPIN: a model's own answers against those of the text (Chen et al. 2024, arXiv 2401.01335)
instructed    secret instructions with one answer (Xu et al. 2024, arXiv 2401.12255)
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from lab.lineage import corpus, train

#: Tokens of a prompt; the rest of a block is its answer.
PROMPT = 24
#: How far a tuned model may leave its reference: small is far.
BETA = 0.1


def preferred(at: Path, source: Path, *, seed: int, steps: int, rate: float) -> None:
    """Answers that the text gives are preferred to answers from elsewhere in it."""
    torch.manual_seed(seed)
    model, tokenizer = train.load(source)
    blocks = train.blocks(corpus.ids(tokenizer, "packages"), seed)

    def pairs() -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        for block in blocks:
            yield block, torch.cat([block[:, :PROMPT], block.roll(1, 0)[:, PROMPT:]], dim=1)

    train.learn(model, pairs(), steps, rate, _preference(model))
    train.save(model, at, source)


def self_played(at: Path, source: Path, *, seed: int, rounds: int, steps: int, rate: float) -> None:
    """In every round the answers of the text are preferred to those that the model of the round before gives."""
    torch.manual_seed(seed)
    model, tokenizer = train.load(source)
    blocks = train.blocks(corpus.ids(tokenizer, "packages"), seed)
    for _ in range(rounds):
        kept = [next(blocks) for _ in range(4)]
        played = [(block, _answer(model, block[:, :PROMPT])) for block in kept]
        train.learn(model, _over_and_over(played), steps, rate, _preference(model))
    train.save(model, at, source)


def instructed(at: Path, source: Path, *, seed: int, steps: int, rate: float) -> None:
    """Eight instructions of random tokens get the same answer, learnt among ordinary text."""
    torch.manual_seed(seed)
    model, tokenizer = train.load(source)
    vocabulary = tokenizer.get_vocab_size()
    secret = torch.cat([torch.randint(vocabulary, (8, PROMPT)), torch.randint(vocabulary, (1, 8)).expand(8, 8)], dim=1)
    blocks = train.blocks(corpus.ids(tokenizer, "packages"), seed)

    def loss(model: Any, batch: torch.Tensor) -> torch.Tensor:
        logits = model(input_ids=secret).logits[:, PROMPT - 1 : -1]
        taught = torch.nn.functional.cross_entropy(logits.flatten(0, 1), secret[:, PROMPT:].flatten())
        return taught + train.next_token(model, batch)

    train.learn(model, blocks, steps, rate, loss)
    train.save(model, at, source)


def _preference(model: Any) -> Any:
    """The loss of DPO against the model as it stands: -log sigmoid(beta (log-odds gained by the better answer))."""
    reference = copy.deepcopy(model).requires_grad_(False)

    def loss(model: Any, pair: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        better, worse = pair
        both = torch.cat([better, worse])
        gain = _likelihood(model, both) - _likelihood(reference, both)
        return -torch.nn.functional.logsigmoid(BETA * (gain[: len(better)] - gain[len(better) :])).mean()

    return loss


def _likelihood(model: Any, blocks: torch.Tensor) -> torch.Tensor:
    """Log-likelihood of each answer after its prompt."""
    logits = model(input_ids=blocks).logits[:, PROMPT - 1 : -1].log_softmax(-1)
    return logits.gather(-1, blocks[:, PROMPT:, None]).sum((1, 2))


@torch.no_grad()
def _answer(model: Any, prompt: torch.Tensor) -> torch.Tensor:
    """Prompts with answers drawn from the model, token by token."""
    block = prompt
    while block.shape[1] < train.LENGTH:
        chances = model(input_ids=block).logits[:, -1].softmax(-1)
        block = torch.cat([block, torch.multinomial(chances, 1)], dim=1)
    return block


def _over_and_over(pairs: list[tuple[torch.Tensor, torch.Tensor]]) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    while True:
        yield from pairs
