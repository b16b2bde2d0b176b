"""The adapters, against the sandbox as a separate process and against the vendors' own judges."""
