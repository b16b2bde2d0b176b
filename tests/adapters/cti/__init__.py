"""The cti adapters."""
