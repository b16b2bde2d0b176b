"""Finding a payment to give back, for agents who may refund and do not see the log."""
