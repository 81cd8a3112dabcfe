"""From draws to outcomes: every output of the model, for every draw and date."""
