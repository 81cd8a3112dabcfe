"""A run's results for other tools: tables of draws, of quantiles, and Squiggle source."""
