"""What to say about a folder or file that holds no model which is read: what it is, and what to do with it."""

from __future__ import annotations

from pathlib import Path

from ...absent import cached
from ...artefacts import kinds
from ...foreign import foreign_at
from ..config import ADAPTER_CONFIG, ADAPTER_WEIGHTS, adapter_alone

_EXPORT = "save it where its library runs, by save_pretrained(OUT)"
#: Files by which layouts of others are known, and what to do.
_SIGNS = (
    (
        ("params.json", "consolidated.*"),
        "weights in the layout of their makers (params.json, consolidated.*); take the model in the Hugging Face "
        "layout, or convert it with transformers",
    ),
    (("model_index.json",), "a pipeline of several models; give the folder of one of them"),
    (("mlc-chat-config.json", "ndarray-cache.json"), "a model compiled by MLC; give the one that it was made from"),
    (("*.onnx", "onnx/*.onnx"), f"a model in ONNX, whose tensors have lost their names; give the one that it was "
     f"exported from, or {_EXPORT} before it is exported"),
    (("tf_model.h5", "*.h5", "*.keras"), "weights of TensorFlow; load them in transformers before version 5 with "
     f"from_tf=True and {_EXPORT}"),
    (("flax_model.msgpack", "*.msgpack"), "weights of Flax; load them in transformers before version 5 with "
     f"from_flax=True and {_EXPORT}"),
    (("openvino_model.xml", "*.mlmodel", "*.mlpackage", "*.tflite", "*.engine"), "a model that was compiled for a "
     "machine; give the one that it was made from"),
    (("*.nemo", "*.distcp", "mp_rank_*", "global_step*", "zero_to_fp32.py"), "a checkpoint of a training run; convert "
     "it to the Hugging Face layout with the tool that wrote it"),
)  # fmt: skip


def of_folder(folder: Path) -> str:
    """About a folder without config.json."""
    if (folder / ADAPTER_CONFIG).is_file() or any(folder.glob(ADAPTER_WEIGHTS)):
        return adapter_alone(folder)
    known = cached(folder) or other_layout(folder)
    inside = sorted(config.parent.name for config in folder.glob("*/config.json"))
    if known is None and inside:
        return f"{folder}: no config.json; it is in {folder / inside[0]}: give that folder"
    return known or f"{folder}: no config.json; expected a model folder in the Hugging Face layout"


def other_layout(folder: Path) -> str | None:
    """About a folder in a layout of others; None where it is in none that is known."""
    return next((f"{folder}: {words}" for files, words in _SIGNS if any(any(folder.glob(one)) for one in files)), None)


def of_file(path: Path) -> str:
    """About a file that is no GGUF model."""
    kind = kinds.at(path)
    what = f"this is {kind.words}; {kind.used}" if kind else foreign_at(path)
    if what is None and path.suffix == ".gguf":
        what = "named .gguf, but it does not begin as such a file does; download it again"
    return f"{path}: {what or 'a file'}; expected a model folder with config.json and *.safetensors, or a GGUF file"
