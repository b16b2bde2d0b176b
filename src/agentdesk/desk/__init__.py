"""The agent's and the supervisor's program: one window, which knows the hub and nothing else."""
