"""A payment plan."""
