"""Logs of Inspect AI, read without it: archives, attempts, scores, rows of evidence."""
