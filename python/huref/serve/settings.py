"""Every setting of the service in one place: environment variables HUREF_SERVE_..., or a file of such lines."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ..artefacts.policy import DEFAULT
from ..errors import UsageError

PREFIX = "HUREF_SERVE_"
Seconds = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]


def _rate(text: str) -> str:
    from limits import parse

    parse(text)
    return text


Rate = Annotated[str, AfterValidator(_rate)]


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Settings(BaseSettings):
    """Settings of one service.

    *What is kept*: `data`, the folder of everything that is kept (None: nothing is); `database`, the address of a
    PostgreSQL database, and `objects`, the address of an S3 bucket, in place of what the folder has; `log_key`, the
    secret key of the log, in place of the folder's; `log_policy`, a file with the witnesses who are asked to cosign
    what the log publishes, and how many of them suffice (None: nobody is asked).

    *Who may write*: `writing`; "token" needs a token, "anyone" does not.

    *Who signs*: attestations may be signed by identities among the signers of a policy, in the file `signers` (None: by
    keys alone), under the trusted root in the file `trusted_root` (None: that of Sigstore's public service).

    *What is proved*: models below `models`, a folder (None: nothing is); at most `proofs` jobs of each owner at once.

    *Limits*: `body_bytes` of one request, `body_seconds` until it has arrived, `held_bytes` of all requests that arrive
    or wait; `header_seconds` until request line and headers have arrived, `header_bytes` and `header_count` of them;
    `connections` open at once; `workers` processes, `waiting` requests beyond those being verified; `seconds` (of
    processor time) and `memory_bytes` (address space) of one verification; `start_seconds` of a new worker;
    `rate` of requests and `write_rate` of those that write, for each client, such as 60/minute; `reports`, how many are
    kept.

    *Around it*: `proxies`, the addresses of proxies whose word on a client's address counts, with commas between;
    `metrics_port`, where Prometheus finds the metrics, at address `metrics_host`; None: there are none.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    data: Path | None = None
    database: SecretStr | None = None
    objects: str | None = None
    log_key: Path | None = None
    log_policy: Path | None = None
    writing: Literal["token", "anyone"] = "token"

    signers: Path | None = None
    trusted_root: Path | None = None

    models: Path | None = None
    proofs: Count = 4

    body_bytes: Count = DEFAULT.max_bundle_bytes
    body_seconds: Seconds = 30.0
    held_bytes: Count = 8 * DEFAULT.max_bundle_bytes
    header_seconds: Seconds = 10.0
    header_bytes: Count = 1 << 14
    header_count: Count = 100
    connections: Count = 512
    workers: Count = Field(default_factory=_cores)
    waiting: Annotated[int, Field(ge=0)] = Field(default_factory=lambda: 4 * _cores())
    seconds: Seconds = 10.0
    memory_bytes: Count = 1 << 30
    start_seconds: Seconds = 30.0
    rate: Rate = "6000/minute"
    write_rate: Rate = "60/minute"
    reports: Count = 10_000

    proxies: str = ""
    metrics_host: str = "127.0.0.1"
    metrics_port: Annotated[int | None, Field(ge=0, lt=1 << 16)] = None


def load(file: Path | None = None, **given: object) -> Settings:
    """The settings: what is given first, then the environment, then the file. UsageError names what no setting may be.

    `given` with the value None counts as not given.
    """
    if file is not None and not file.is_file():
        raise UsageError(f"{file}: no file of settings")
    try:
        return Settings(_env_file=file, **{name: value for name, value in given.items() if value is not None})  # type: ignore
    except ValidationError as why:
        first = why.errors(include_input=False, include_url=False)[0]
        name = "_".join(map(str, first["loc"])) or "settings"
        raise UsageError(f"setting {name}: {first['msg'].lower()}") from None
