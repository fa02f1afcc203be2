"""What huref has to reach on two cores, and whether a run reached it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

#: Integers of a model whose plan is held against the work.
LARGE = 10**7


@dataclass(frozen=True)
class Bar:
    """One demand. `measured` in the demand's unit; it holds if it is at most, or at least, the bar; so for the aim."""

    what: str
    unit: str
    measured: float
    bar: float
    aim: float
    at_least: bool = False
    note: str = ""

    def _reaches(self, value: float) -> bool:
        return self.measured >= value if self.at_least else self.measured <= value

    @property
    def met(self) -> bool:
        """Whether the bar is reached."""
        return self._reaches(self.bar)

    @property
    def verdict(self) -> str:
        """In words: how far it goes."""
        return "aim" if self._reaches(self.aim) else "bar" if self.met else "NOT MET"

    def row(self) -> tuple[str, str, str, str, str]:
        """What, bar, aim, measured, verdict: for people."""
        sign = "≥" if self.at_least else "≤"
        shown = f"{self.measured:.3g}" if self.measured < 1000 else f"{self.measured:.0f}"
        measured = f"{shown} {self.unit}".strip()
        return (
            self.what,
            f"{sign} {self.bar:g} {self.unit}".strip(),
            f"{sign} {self.aim:g} {self.unit}".strip(),
            f"{measured} ({self.note})" if self.note else measured,
            self.verdict,
        )

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self) | {"met": self.met, "words": self.row()[1:]}


def bars(result: Mapping[str, Any], peers: Mapping[str, Any] | None) -> list[Bar]:
    """The bars, from a result of bench.py and the recorded results of peers."""
    models = {model["name"]: model for model in result["models"]}
    big = models["llama-7b"]
    ways = big["ways"]
    spread = linearity(result["layers"])

    def took(way: str) -> float:
        return float(ways[way]["seconds"])

    row = next(row for row in result["core"]["rows"] if (row["bits"], row["cores"]) == (12, 1))
    found = [
        Bar("commit, 7B shape, from files, 331 M integers of 12 bits", "s", big["commit"]["seconds"], 50, 25),
        Bar(
            "commit, per weight, against ark-ec's msm", "times", row["arkworks"] / row["tables"], 3, 5, True, "one core"
        ),
        Bar(
            "commit, per weight, with AVX2, against ark-ec's msm",
            "times",
            row["arkworks"] / row["avx2"],
            5,
            8,
            True,
            "one core",
        ),
        Bar("prove, 7B shape", "s", stage(big, "sketch") + stage(big, "prove"), 25, 10),
        Bar("prove, MiniLM's shape", "s", stage(models["minilm"], "sketch") + stage(models["minilm"], "prove"), 1.2, 1),
        Bar(
            "prove after commit, 7B shape, common and own vectors against common alone",
            "times",
            took("both") / took("common"),
            1.4,
            1.3,
        ),
        Bar("the same, verifier", "times", ways["both"]["one"] / ways["common"]["one"], 1.2, 1.15),
        Bar("proof, common and own vectors, 7B shape", "kB", ways["both"]["proof"] / 1000, 22, 22),
        Bar("proof, all 32 layers of a smaller shape, one draw", "kB", result["whole"]["proof"] / 1000, 70, 70),
        Bar("peak memory, whole job, 7B shape", "GiB", peak(big) / 1024, 5, 3),
        Bar("verify, 7B shape, one core", "s", big["verify"]["one"], 0.7, 0.4),
        Bar("two cores against one, commit", "times", result["cores"]["one"] / result["cores"]["two"], 1.7, 1.95, True),
        Bar(
            "commit, cost of an integer, largest difference from 10^7 to 3*10^8, layers of one shape",
            "%",
            spread * 100,
            15,
            15,
        ),
        Bar(
            "a hundred bundles against one, whole program",
            "times",
            result["batch"]["hundred"] / result["batch"]["one"],
            10,
            10,
        ),
        Bar(
            "plan of a proof against what it took, from 10^7 integers on", "times", misjudged(result["models"]), 2, 1.5
        ),
        Bar("plan, processor time, largest shape", "s", max(model["plan"]["cpu"] for model in models.values()), 2, 1),
        Bar("plan of a comparison of strangers against what it took", "times", off(result["compare"]), 4, 2),
    ]
    if peers is not None:
        found += peer_bars(peers)
    return found


def peer_bars(peers: Mapping[str, Any]) -> list[Bar]:
    """Processor time of EZKL against ours on the statement of n = 256: as recorded, or by the rows of its circuit."""
    found = []
    for ranges, words in (("unchecked", "no range checks in EZKL"), ("checked", "range checks in both")):
        case = peers["cases"].get(f"256:{ranges}")
        if case is None:
            continue
        seconds, measured = peer_seconds(peers, ranges, 256)
        guessed = " and ".join(step for step in seconds if step not in measured)
        note = f"{guessed} extrapolated by rows of the circuit" if guessed else "recorded"
        what = f"processor time of EZKL, n = 256, set-up and proof, {words}"
        found.append(Bar(what, "times ours", sum(seconds.values()) / case["huref"]["cpu"], 100, 300, True, note))
    return found


def peer_seconds(peers: Mapping[str, Any], ranges: str, n: int) -> tuple[dict[str, float], frozenset[str]]:
    """Processor seconds of EZKL's set-up and proof, and which of both were measured at that n.

    A step that EZKL did not get through: that of the largest case that did, times the ratio of the rows of both.
    """
    keys = (key.split(":") for key in peers["cases"])
    cases = {int(size): peers["cases"][f"{size}:{kind}"]["ezkl"] for size, kind in keys if kind == ranges}
    found, measured = {}, set()
    for step in ("setup", "prove"):
        through = [size for size, case in cases.items() if f"{step}Cpu" in case]
        nearest = n if n in through else max(through)
        found[step] = cases[nearest][f"{step}Cpu"] * cases[n]["rows"] / cases[nearest]["rows"]
        if nearest == n:
            measured.add(step)
    return found, frozenset(measured)


def misjudged(models: Sequence[Mapping[str, Any]]) -> float:
    """The largest factor between what `plan` said of `prove` and what its stages took, either way. Of smaller models
    much time is the start of each stage.
    """
    large = [model for model in models if model["integers"] >= LARGE]
    return max(
        factor(model["plan"]["stages"]["total"], sum(map(float, model["prove"]["stages"].values()))) for model in large
    )


def off(comparison: Mapping[str, Any]) -> float:
    """The factor between what `plan` said of a comparison of strangers and what it took, either way."""
    return factor(comparison["planned"][1], comparison["seconds"])


def factor(a: float, b: float) -> float:
    """How many times the larger is the smaller."""
    return max(a, b) / min(a, b)


def stage(model: Mapping[str, Any], name: str) -> float:
    """Seconds of one stage of `prove`; 0 for one that it does not name."""
    return float(model["prove"]["stages"].get(name, 0.0))


def peak(model: Mapping[str, Any]) -> float:
    """MiB of the largest of the three programs."""
    return max(float(model[verb]["peak"]) for verb in ("commit", "prove", "verify"))


def work(model: Mapping[str, Any]) -> float:
    """Nanoseconds of `commit` for one integer of a shape, from files, without the start of the program."""
    return cost(model["commit"] | {"integers": model["integers"]})


def cost(commit: Mapping[str, Any]) -> float:
    """Nanoseconds for one integer of a run of `commit`, without the start of the program."""
    return 1e9 * float(sum(commit["stages"].values())) / float(commit["integers"])


def linearity(depths: Sequence[Mapping[str, Any]]) -> float:
    """How much more than the cheapest the dearest integer costs, of models that differ in the number of layers only."""
    costs = [cost(model) for model in depths]
    return max(costs) / min(costs) - 1
