"""The ways out: one folder per carrier's language, one seam for all."""
