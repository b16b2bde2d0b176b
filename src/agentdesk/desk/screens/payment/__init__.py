"""Taking a payment: what to pay, the card, the outcome."""
