"""The call itself and what to say."""
