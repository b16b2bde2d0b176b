"""The suite: mirrors the package, and adds contract suites, end to end and rules."""
