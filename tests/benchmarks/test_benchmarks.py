"""The tools that measure: what they read, what they conclude, and the page they write."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from benchmarks import measure, report
from benchmarks.bars import Bar, bars, linearity, peer_seconds
from benchmarks.core import Core
from benchmarks.peers import pooled
from benchmarks.plots import Axis, Lines, Shares

SVG = "{http://www.w3.org/2000/svg}"


#: What committing to 1024 rows of 12 bits costs on one core.
ROW = {
    "rows": 1024, "bits": 12, "cores": 1,
    "tables": 30.0, "avx2": 60.0, "portable": 90.0, "bucket tree": 120.0, "arkworks": 360.0,
}  # fmt: skip


def model(name, integers, seconds):
    """A result of `bench.road`: a commitment takes `seconds`, a proof twice that."""
    took = {"seconds": seconds + 0.5, "cpu": 2 * seconds, "peak": 900.0}
    return {
        "name": name,
        "integers": integers,
        "sizes": {"proof": 19_900, "commitment": 334_000},
        "plan": took | {"cpu": 1.25, "stages": {"total": 3 * seconds}},
        "commit": took | {"stages": {"read": 0.1 * seconds, "commit": 0.9 * seconds}},
        "prove": took | {"stages": {"commit": seconds, "sketch": 0.25 * seconds, "prove": 0.75 * seconds}},
        "verify": took | {"one": 0.25},
    }


def layers(count, seconds):
    """A commitment of a model with that many layers, of 10^7 integers each."""
    stages = {"read": 0.5 * seconds, "commit": 0.5 * seconds}
    return {"layers": count, "integers": count * 10**7, "seconds": seconds + 0.4, "peak": 800.0, "stages": stages}


def result():
    models = [model("minilm", 10**7, 1.0), model("llama-1b", 10**8, 10.5), model("llama-7b", 331_350_016, 33.0)]
    models[2]["second"] = {"seconds": 12.0, "cpu": 12.0, "peak": 150.0}
    models[2]["ways"] = {
        word: {"seconds": seconds, "cpu": 2 * seconds, "peak": 900.0, "stages": {}, "proof": proof, "one": 0.2}
        for word, seconds, proof in (("common", 10.0, 19_000), ("both", 13.0, 21_500))
    }
    return {
        "machine": {
            "date": "2026-01-02", "cores": 2, "processor": "processor", "load": 0.1, "python": "3.11", "rustc": "1.95",
            "commit": "0123456789",
        },
        "core": {
            "beside": {"multiplication": (10.0, 20.0)},
            "rows": [ROW | {"cores": 2, "tables": 16.0}, ROW | {"bits": 8}, ROW],
        },
        "models": models,
        "cores": {"one": 20.0, "two": 10.0},
        "batch": {"one": 0.25, "hundred": 2.0, "portrait": 0.05},
        "layers": [layers(1, 1.0), layers(10, 10.5)],
        "whole": layers(32, 60.0) | {"proof": 69_500},
        "compare": {"seconds": 30.0, "planned": (5.0, 90.0)},
    }  # fmt: skip


def peers():
    def case(rows, *seconds):
        ours = {"cpu": 4.0, "peak": 170.0, "proofBytes": 16_588, "verifyCpu": 1.0}
        if not seconds:
            return {"huref": ours, "ezkl": {"rows": rows, "stopped": "not run"}, "machine": {"date": "2026-01-01"}}
        names = ("setupCpu", "proveCpu", "verifyCpu", "setupPeak", "provePeak", "proofBytes")
        return {
            "huref": ours,
            "ezkl": {"rows": rows} | dict(zip(names, (*seconds, 0.2, 600.0, 700.0, 12_000), strict=True)),
            "machine": {"date": "2026-01-01"},
        }

    return {
        "ezkl": "23.0.5",
        "command": "make bench-peers",
        "cases": {
            "64:checked": case(300, 60.0, 90.0),
            "256:checked": case(4800),
            "64:unchecked": case(16, 10.0, 12.0),
            "256:unchecked": case(256, 100.0, 120.0),
        },
    }


def test_a_program_is_measured():
    run = measure.run([sys.executable, "-c", "import sys; x = bytearray(1 << 26); print('[1]'); sys.exit(3)"])
    assert (run.code, run.document) == (3, [1])
    assert 0 < run.cpu < 10
    assert run.seconds > 0
    assert run.peak > 64


def test_the_core_s_output_is_read():
    core = Core()
    for line in (
        "multiplication 10.2 ns, arkworks 22.5 ns, ratio 2.20",
        "a row of 12-bit weights, per weight: 157 ns, arkworks msm 339 ns, ratio 2.16",
        "64 rows of 12 bits, 2 cores: tables  21.5 ns, avx2  40.2, portable  60.1, bucket tree  70.0, "
        "arkworks 200.5; ratio  9.3",
        "verify, one core                 0.260 s",
        "verify, one core                 0.240 s",
        "331350016 integers, VmHWM:\t  1048576 kB",
    ):
        core.read(line)
    assert core.beside == {
        "multiplication": (10.2, 22.5), "a row of 12-bit weights, per weight": (157.0, 339.0),
    }  # fmt: skip
    assert core.rows == [
        {
            "rows": 64, "bits": 12, "cores": 2,
            "tables": 21.5, "avx2": 40.2, "portable": 60.1, "bucket tree": 70.0, "arkworks": 200.5,
        },
    ]  # fmt: skip
    assert core.stages == {"verify, one core": 0.24}
    assert core.peak == 1024


def test_a_bar_knows_which_way_is_better():
    assert [Bar("time", "s", value, 50, 25).row()[-1] for value in (25, 50, 51)] == ["aim", "bar", "NOT MET"]
    assert [Bar("ratio", "", value, 3, 5, True).row()[-1] for value in (5, 3, 2.9)] == ["aim", "bar", "NOT MET"]


def test_the_bars_of_a_run():
    found = {bar.what: bar for bar in bars(result(), peers())}
    assert len(found) == 19
    words = (
        "weight, against ark-ec",
        "AVX2",
        "hundred",
        "from 10^7 to",
        "plan of a proof",
        "plan, processor",
        "plan of a comparison",
    )
    by_word = {word: next(bar for what, bar in found.items() if word in what) for word in words}
    assert by_word["weight, against ark-ec"].measured == 12
    assert by_word["AVX2"].measured == 6
    assert by_word["hundred"].measured == 8
    assert by_word["from 10^7 to"].measured == pytest.approx(5)
    assert by_word["plan of a proof"].measured == 1.5
    assert by_word["plan, processor"].measured == 1.25
    assert by_word["plan of a comparison"].measured == 3
    ways = [bar.measured for what, bar in found.items() if "after commit" in what or "the same" in what]
    assert ways == [pytest.approx(1.3), pytest.approx(1)]
    assert not found["processor time of EZKL, n = 256, set-up and proof, no range checks in EZKL"].met


def test_growth_is_that_of_an_integer_without_the_start_of_the_program():
    assert linearity([layers(1, 1.1), layers(5, 5.0), layers(9, 9.0)]) == pytest.approx(0.1)


def test_a_case_that_was_not_run_is_extrapolated_by_rows():
    assert peer_seconds(peers(), "checked", 256) == ({"setup": 60.0 * 16, "prove": 90.0 * 16}, frozenset())
    assert peer_seconds(peers(), "unchecked", 256) == ({"setup": 100.0, "prove": 120.0}, {"setup", "prove"})
    half = peers()
    del half["cases"]["256:unchecked"]["ezkl"]["proveCpu"]
    assert peer_seconds(half, "unchecked", 256) == ({"setup": 100.0, "prove": 12.0 * 16}, {"setup"})


@pytest.mark.parametrize("log", [True, False])
def test_an_axis_holds_its_values_and_its_ticks(log):
    for values in ([3.0, 4e8], [0.03, 0.9], [7.0]):
        axis = Axis.over(values, 10, 100, log)
        assert all(10 <= axis.at(value) <= 110 for value in (*values, *axis.ticks()))
        assert math.isclose(axis.at(axis.high), 110)


def test_charts_are_svg_with_every_point_and_no_markup_of_names():
    chart = Lines("<title>", "x & y", "y", {"a<b": [(1, 2), (10, 30)], "floor": [(1, 1), (10, 1)]},
                  dashed=frozenset({"floor"}))  # fmt: skip
    root = ElementTree.fromstring(chart.svg())
    assert len(root.findall(f"{SVG}circle")) == 2
    assert "a<b" in [text.text for text in root.iter(f"{SVG}text")]
    shares = ElementTree.fromstring(Shares("t", {"7b": {"read": 1, "prove": 3}, "1b": {"prove": 1}}).svg())
    boxes = [box for box in shares.findall(f"{SVG}rect") if float(box.get("width")) > 12][1:]
    widths = [float(box.get("width")) for box in boxes]
    assert widths[1] == pytest.approx(3 * widths[0], rel=0.01)
    assert widths[2] == pytest.approx(4 * widths[0], rel=0.01)


def test_the_page_is_written_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "DOCS", tmp_path)
    measured = result()
    measured["bars"] = [bar.to_json() for bar in bars(measured, peers())]
    core = {
        "parts": {
            "field": {"beside": {"multiplication": (10.0, 20.0)}, "rows": [], "stages": {"prove": 5.4}, "peak": 860.0}
        }
    }
    published = report.load(report.PUBLISHED)
    report.write(measured, core, peers(), published)
    page = (tmp_path / "performance.md").read_text()
    assert "$" not in page
    assert "NOT MET" in page
    assert "(960) + (1440) s" in page
    assert "| 100 + 120 s |" in page
    for entry in published:
        assert entry["system"] in page
    for name in ("time", "memory", "integer", "stages"):
        assert f"performance/{name}.svg" in page
        ElementTree.parse(tmp_path / "performance" / f"{name}.svg")


def test_the_statement_of_peers_is_that_of_a_fingerprint(tmp_path: Path) -> None:
    pooled.write(64, tmp_path)
    with np.load(tmp_path / "integers.npz") as arrays:
        pq = [arrays[side].astype(object) @ arrays["X"].astype(object) for side in ("P", "Q")]
        for (left, right), term in zip((("q", "k"), ("v", "o"), ("up", "down")), arrays["S"], strict=True):
            made = (pq[0] @ arrays[left].astype(object).T) @ (arrays[right].astype(object) @ pq[1].T)
            assert [str(entry) for entry in made.flat] == term.tolist()
