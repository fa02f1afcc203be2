"""The folder of a service is a database for `huref scan`, while the service runs and afterwards."""

from dataclasses import replace
from pathlib import Path

import httpx

from huref.artefacts import bundle as bundles
from huref.artefacts import commitment as commitments
from huref.artefacts.policy import Policy
from huref.serve.settings import Settings
from huref.similarity.database import read
from tests.service.conftest import serving
from tests.support.bundles import robust

JSON = {"Content-Type": "application/json"}


def test_the_folder_of_a_service(tmp_path: Path) -> None:
    bundle = robust()
    referring = bundles.dump(replace(bundle, by_reference=True))
    with (
        serving(Settings(data=tmp_path / "data", writing="anyone")) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, headers=JSON) as client,
    ):
        assert client.post("/v1/commitments", content=commitments.dump(bundle.statement.commitment)).status_code == 201
        assert client.post("/v1/bundles", content=referring).status_code == 201
        running = read(tmp_path / "data", Policy())
    for found in (running, read(tmp_path / "data", Policy())):
        (group,) = found.groups
        assert (group.profile, group.tokens) == (bundle.statement.profile, bundle.statement.shape.tokens)
        assert [path.name for path in group.files] == [bundle.digest]
        assert found.left_out == ()
