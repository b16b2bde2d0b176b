"""The rules of taking a payment."""
