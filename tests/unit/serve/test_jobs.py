"""Jobs of the service: what it hands out was checked here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from huref import image
from huref.artefacts import bundle as bundles
from huref.artefacts import portrait as portraits
from huref.serve import jobs
from tests.support import generators
from tests.support.bundles import robust


def test_an_image_that_the_service_cannot_draw_is_not_handed_out(tmp_path: Path) -> None:
    path = tmp_path / "G.safetensors"
    path.write_bytes(generators.file())
    drawn = portraits.draw(robust().statement, image.renderer("stylegan2", path))
    kept = bundles.dump(replace(robust(), image=drawn))
    portrait = image.png(image.render(robust().statement.vector or ()))
    assert jobs.draw(kept).data == portrait
    assert drawn is not None
    assert drawn.png != portrait
