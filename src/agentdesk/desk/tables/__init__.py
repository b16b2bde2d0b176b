"""Tables that ask the hub for their rows page by page."""
