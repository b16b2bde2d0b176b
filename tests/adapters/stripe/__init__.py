"""The stripe adapters."""
