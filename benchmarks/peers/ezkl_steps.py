"""One step of EZKL, in EZKL's own environment: python ezkl_steps.py STEP FOLDER RANGES

FOLDER holds what `pooled.py` wrote. RANGES is `checked` (EZKL's default: values that go in and come out are decomposed
into digits, so that they are integers of a known size) or `unchecked` (they may be any field elements: a weaker
statement than that of huref, and EZKL's cheapest). Weights are private inputs, P and Q constants, the sketches public
outputs; products use Freivalds' check, EZKL's default. Prints one JSON document.

STEP is settle, reference, setup, prove or verify, in that order. Each is a process of its own, so that its processor
time and its memory are its own.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

import ezkl
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SECRET = ("X", "q", "k", "v", "o", "up", "down")
TERMS = (("q", "k"), ("v", "o"), ("up", "down"))
#: Digits of 14 bits; five of them hold the sketches, which have up to 62 bits.
BASE, LEGS = 1 << 14, 5
#: Rows of the circuit, as a power of two: of those tried, that of least processor time. Longer circuits get columns.
LOG_ROWS = {"checked": 15, "unchecked": 14}
#: Where a step gives up: seconds of processor time, bytes of address space.
SECONDS, BYTES = 900, 14 << 30
#: Order of the scalar field of BN254.
ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617


def write_model(folder: Path) -> None:
    """The circuit as an ONNX graph of matrix products, in the cheapest order: the r x N matrices come first."""
    with np.load(folder / "integers.npz") as arrays:
        shapes = {name: arrays[name].shape for name in SECRET}
        public = [numpy_helper.from_array(arrays[name].astype(np.float32), name) for name in ("P", "Q")]
        side = arrays["P"].shape[0]

    def product(left: str, right: str, result: str, equation: str = "il,kl->ik") -> onnx.NodeProto:
        return helper.make_node("Einsum", [left, right], [result], equation=equation)

    nodes = [product("P", "X", "U", "ik,kl->il"), product("Q", "X", "V", "ik,kl->il")]
    for left, right in TERMS:
        nodes += [product("U", left, f"L_{left}"), product("V", right, f"R_{right}")]
        nodes.append(product(f"L_{left}", f"R_{right}", f"S_{left}"))
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shapes[name]) for name in SECRET]
    outputs = [helper.make_tensor_value_info(f"S_{left}", TensorProto.FLOAT, (side, side)) for left, _ in TERMS]
    graph = helper.make_graph(nodes, "pooled", inputs, outputs, initializer=public)
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), folder / "network.onnx"
    )


def settle(folder: Path, ranges: str) -> dict[str, object]:
    """Settings and circuit, and how many rows it has in one column after another: what EZKL's cost grows with."""
    write_model(folder)
    arguments = ezkl.PyRunArgs()
    arguments.input_visibility, arguments.param_visibility, arguments.output_visibility = "private", "fixed", "public"
    arguments.input_scale = arguments.param_scale = 0
    arguments.logrows, arguments.decomp_base, arguments.decomp_legs = LOG_ROWS[ranges], BASE, LEGS
    arguments.ignore_range_check_inputs_outputs = ranges == "unchecked"
    ezkl.gen_settings(f"{folder}/network.onnx", f"{folder}/settings.json", py_run_args=arguments)
    return {"rows": json.loads((folder / "settings.json").read_text())["num_rows"]}


def setup(folder: Path, ranges: str) -> dict[str, object]:
    """Settings, circuit, proving and verifying key. The reference string is there already: it serves every circuit."""
    rows = settle(folder, ranges)
    ezkl.compile_circuit(f"{folder}/network.onnx", f"{folder}/circuit", f"{folder}/settings.json")
    ezkl.setup(f"{folder}/circuit", f"{folder}/vk", f"{folder}/pk", f"{folder}/srs")
    return rows | {"keyBytes": (folder / "pk").stat().st_size}


def reference(folder: Path, ranges: str) -> dict[str, object]:
    """A reference string of EZKL's own making: good for measuring only, because who makes it can forge."""
    ezkl.gen_srs(f"{folder}/srs", LOG_ROWS[ranges])
    return {}


def prove(folder: Path, _: str) -> dict[str, object]:
    """Witness and proof; the public outputs must be the sketches that huref computed."""
    with np.load(folder / "integers.npz") as arrays:
        values = [[float(entry) for entry in arrays[name].flat] for name in SECRET]
        expected = [[int(entry) for entry in term] for term in arrays["S"]]
    (folder / "input.json").write_text(json.dumps({"input_data": values}))
    witness = ezkl.gen_witness(f"{folder}/input.json", f"{folder}/circuit", f"{folder}/witness.json")
    outputs = [[int(ezkl.felt_to_big_endian(entry), 16) for entry in term] for term in witness["outputs"]]
    if outputs != [[entry % ORDER for entry in term] for term in expected]:
        sys.exit("EZKL's public outputs are not the sketches")
    ezkl.prove(f"{folder}/witness.json", f"{folder}/circuit", f"{folder}/pk", f"{folder}/proof.json", f"{folder}/srs")
    proof = json.loads((folder / "proof.json").read_text())
    return {"proofBytes": len(proof["hex_proof"]) // 2 - 1}


def verify(folder: Path, _: str) -> dict[str, object]:
    """Check the proof."""
    accepted = ezkl.verify(f"{folder}/proof.json", f"{folder}/settings.json", f"{folder}/vk", f"{folder}/srs")
    return {"accepted": accepted}


STEPS = {"settle": settle, "reference": reference, "setup": setup, "prove": prove, "verify": verify}

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    print(json.dumps(STEPS[sys.argv[1]](Path(sys.argv[2]), sys.argv[3])))
