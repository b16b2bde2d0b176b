"""One folder for each screen: a view that draws, a view model that knows."""
