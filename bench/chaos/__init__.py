"""Takes payments while everything that can fail does, then judges from the vendors' side what became."""
