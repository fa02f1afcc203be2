"""Verifying a bundle: the policy decides what is acceptable, the core checks the proof, the portrait is drawn again."""

from ..artefacts.policy import DEFAULT, Policy
from ..artefacts.report import Report
from .batch import Outcome, check_many, severest
from .check import check

__all__ = ["DEFAULT", "Outcome", "Policy", "Report", "check", "check_many", "severest"]
