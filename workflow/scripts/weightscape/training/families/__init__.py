"""Families of interventions, one module each; see `weightscape.training.intervention`."""
