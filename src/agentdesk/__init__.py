"""Agent Desk: card payments on phone calls without card data reaching us."""

__version__ = "0.1.0"
