"""The twilio adapters."""
