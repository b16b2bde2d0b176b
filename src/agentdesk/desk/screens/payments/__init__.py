"""The payment log: filters, table, and a drawer with one payment's whole story."""
