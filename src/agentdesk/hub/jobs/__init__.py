"""Durable work: jobs that follow a fact, deferred in the fact's own transaction."""
