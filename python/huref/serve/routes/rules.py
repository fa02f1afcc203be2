"""What this service accepts: profiles and policy."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from ...artefacts.policy import DEFAULT
from ...profile import PROFILES, Profile
from ..service import Service
from . import readable


def add(app: FastAPI, _: Service) -> None:
    """GET /v1/profiles, /v1/policies/default."""

    async def profiles() -> dict[str, Any]:
        """The profiles that this release knows, their numbers, and which of them the policy accepts."""
        return {"profiles": [_profile(profile) for profile in PROFILES.values()]}

    async def policy() -> dict[str, Any]:
        """The policy under which this service verifies, and its digest."""
        return {**DEFAULT.to_json(), "sha256": DEFAULT.digest}

    readable(app, "/v1/profiles", profiles)
    readable(app, "/v1/policies/default", policy)


def _profile(profile: Profile) -> dict[str, Any]:
    return {
        "name": profile.name,
        "accepted": profile.name in DEFAULT.profiles,
        "parameters": profile.numbers,
        "generators": profile.generators,
    }
