"""Policies of augmentation, one module each; see `weightscape.training.intervention.Augmentation`."""
