"""One file per outside format; each defines ``FORMAT``, and `autosim import` finds it here."""
