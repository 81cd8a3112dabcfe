"""Records from outside as canonical tables: their schema, reading and writing, and one file per outside format."""
