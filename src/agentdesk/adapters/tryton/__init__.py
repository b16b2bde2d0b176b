"""Tryton 8: customer records and ledger, spoken to over HTTP only."""
