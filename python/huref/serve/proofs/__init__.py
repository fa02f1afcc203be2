"""Proof jobs: the folder of a model that the operator mounted becomes a bundle that is kept (extra `jobs`).

`request` and `folder` say what may be asked for, `proofs` has the jobs of a service, `durable` keeps them across every
crash, `work` does their steps, `prover` is the process that works, `process` starts it. Weights, openings and what is
half done stay on the operator's disk. Only what `proofs` and `prover` import needs the extra.
"""
