"""Profile paper: what the authors of HuRef compute, for comparison with published results."""
