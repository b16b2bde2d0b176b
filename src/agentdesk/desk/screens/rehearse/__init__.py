"""Rehearsals: exercises with a pretended caller, and how they went."""
