"""Calling a supervisor, and coming."""
