"""The demonstration on the real MiniLM, whole. It checks itself; here it is looked at from outside."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from huref import image

DEMO = Path(__file__).parents[2] / "examples/demo.py"


def test_the_demo_tells_its_story_in_ten_lines(tmp_path: Path) -> None:
    command = [sys.executable, str(DEMO), str(tmp_path / "demo")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert len(lines) == 10
    said = "\n".join(lines)
    assert re.search(r"verified in [\d.]+ s, 128 bits", said)
    assert re.search(r"A forgery .* proof-rejected", said)
    assert re.search(r"related, cosine 1\.0000", said)
    assert re.search(r"no relation shown, cosine -?0\.[01]", said)
    assert re.search(r"200 verified; the forgery: 422 proof-rejected", said)
    bundle = json.loads((tmp_path / "demo/minilm.huref.json").read_bytes())
    fingerprint = json.loads((tmp_path / "demo/minilm.fingerprint.json").read_bytes())
    common, own = bundle["statement"]["draws"]
    assert (common["kind"], own["kind"]) == ("common", "own")
    assert common["vectors"] == fingerprint["vectors"]
    portrait = image.decode((tmp_path / "demo/portrait.png").read_bytes())
    assert image.rgb_digest(portrait) == bundle["image"]["rgbSha256"]
