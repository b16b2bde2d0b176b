"""Entry: who is it, and is everything ready for a shift."""
