"""Stripe: charges a token, knows what became of it, and says so in signed webhooks."""
