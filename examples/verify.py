"""Verify a bundle, with exit code 0 only if it holds: python examples/verify.py BUNDLE"""

import sys

import huref

report = huref.verify(sys.argv[1])
print(report.code, report.failure or report.verified.commitment)
sys.exit(not report.ok)
