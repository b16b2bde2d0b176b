"""Ctrl K: every action and place by name."""
