"""Between calls: what is open, what was taken today, who rings."""
