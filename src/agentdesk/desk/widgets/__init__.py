"""The parts that screens are composed of: small, themed, reachable by keyboard, named for screen readers."""
