"""Programs that measure the product or try to break it; none is part of it."""
