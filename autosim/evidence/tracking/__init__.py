"""Time trackers' records: entries, rules that say what work they were, and minutes per task."""
