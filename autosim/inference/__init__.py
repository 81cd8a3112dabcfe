"""Conditioning on evidence: the PyMC model, its sampling, its diagnostics, posterior files."""
