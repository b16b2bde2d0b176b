"""The service: payment state, vendor credentials, write-backs."""
