"""Who the call is about."""
