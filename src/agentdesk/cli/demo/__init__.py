"""The demo: every outside system brought up, and the journey played."""
