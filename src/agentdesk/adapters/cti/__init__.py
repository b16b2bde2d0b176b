"""Call events of any phone system that can post signed JSON."""
