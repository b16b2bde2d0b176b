"""What desk and hub say to each other, as pydantic models."""
