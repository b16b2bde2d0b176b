"""The rules of taking a payment; standard library only."""
