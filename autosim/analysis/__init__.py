"""From outcomes to answers: quantiles, milestones, summaries and comparisons."""
