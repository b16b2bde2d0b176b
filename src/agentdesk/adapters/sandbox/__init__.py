"""Our sandbox as who plays the callers of rehearsals."""
