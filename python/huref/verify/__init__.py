"""Verifying a bundle: the policy decides what is acceptable, the core checks the proof, the portrait is drawn again."""

from .batch import Outcome, check_many, severest
from .check import check
from .policy import DEFAULT, Policy
from .report import Report

__all__ = ["DEFAULT", "Outcome", "Policy", "Report", "check", "check_many", "severest"]
