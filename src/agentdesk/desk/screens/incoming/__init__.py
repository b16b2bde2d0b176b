"""A call that comes while the agent looks at something else."""
