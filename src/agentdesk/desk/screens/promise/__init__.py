"""A promise to pay."""
