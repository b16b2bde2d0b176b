"""A call that only the agent knows of."""
