"""From outcomes to figures; Matplotlib is imported here and nowhere else."""
