"""Whether all that a shift needs is there, and what to do where it is not."""
