"""A pretend phone network, Twilio, Stripe, card issuer and caller, in one process on loopback only."""
