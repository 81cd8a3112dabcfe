"""Published intervals as errors of measurement."""

from scipy.special import ndtri

WIDTH_95 = 2.0 * float(ndtri(0.975))
"""Width of a normal's central 95 % interval in standard deviations."""
