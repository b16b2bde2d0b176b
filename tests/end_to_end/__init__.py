"""The real hub, PostgreSQL, sandbox and Tryton together."""
