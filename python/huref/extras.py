"""Optional packages: which extra of huref brings each, and one sentence where one is missing."""

from __future__ import annotations

import importlib.util

from .errors import UsageError

#: Package -> extra, as in the project's metadata.
EXTRAS = {
    "alembic": "serve",
    "cryptography": "attest",
    "cyclonedx": "attest",
    "dbos": "jobs",
    "fastapi": "serve",
    "filelock": "registry",
    "gguf": "gguf",
    "httptools": "serve",
    "huggingface_hub": "hub",
    "jinja2": "serve",
    "limits": "serve",
    "ml_dtypes": "prove",
    "obstore": "registry",
    "pg8000": "serve",
    "prometheus_client": "serve",
    "pydantic": "serve",
    "pydantic_settings": "serve",
    "ray": "ray",
    "rfc3161_client": "attest",
    "safetensors": "prove",
    "securesystemslib": "kms",
    "sentencepiece": "prove",
    "sigstore": "attest",
    "sqlalchemy": "serve",
    "structlog": "serve",
    "tokenizers": "prove",
    "torch": "torch",
    "transformers": "prove",
    "uvicorn": "serve",
}


def missing(package: str) -> UsageError:
    """The error for a package of `EXTRAS` that is not installed.

    Its command does not depend on how huref was installed: pip finds the huref that is there, be it from an index, a
    wheel or a clone, and adds what the extra lacks.
    """
    return UsageError(
        f'this needs the package {package}, which is not installed: pip install "huref[{EXTRAS[package]}]"'
    )


def require(package: str) -> None:
    """UsageError unless a package of `EXTRAS` is installed. Nothing is imported."""
    if importlib.util.find_spec(package) is None:
        raise missing(package)
