"""Forecasts from what was known at a cut-off, scored by what came after."""
