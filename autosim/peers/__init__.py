"""Other forecasters' models in autosim's terms: their laws, their priors, and what they have published."""
