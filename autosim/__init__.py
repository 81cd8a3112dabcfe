"""autosim."""
