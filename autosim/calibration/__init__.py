"""Calibration of the inference itself: evidence simulated from priors, fitted, and the truth's ranks."""
