"""Each family's reading of config and tensors, against the arithmetic of the model itself."""

from pathlib import Path

import numpy as np
import pytest

from tests import models


@pytest.mark.parametrize("family", models.FAMILIES)
def test_networks_compute_what_transformers_computes(family: str, tmp_path: Path) -> None:
    """So the names and layouts that the test models are written with are those of real checkpoints."""
    import torch
    from transformers import AutoModel, AutoModelForCausalLM

    net = models.network(family, seed=4)
    loader = AutoModel if family == "bert" else AutoModelForCausalLM
    theirs = loader.from_pretrained(net.write(tmp_path / "m")).double().eval()
    ids = np.arange(3, 40) * 23 % 900
    with torch.no_grad():
        output = theirs(torch.tensor(ids)[None])
    expected = (output.last_hidden_state if family == "bert" else output.logits)[0].numpy()
    np.testing.assert_allclose(models.forward(net.stored(), ids), expected, atol=1e-4 * expected.std())
