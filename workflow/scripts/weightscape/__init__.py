"""Weightscape: how training interventions and data diversity reshape the weight spectra of neural networks.

The package is the library behind the workflow's scripts. Modules are imported late and one by one, so this file
imports nothing of weight: a rule that only draws a figure must not pay for torch.
"""

import gc

__version__ = "0.1.0"

# Importing torch and timm makes very many objects that stay. To look through them for garbage every 700 new ones takes
# a sixth of a job's start.
gc.set_threshold(100_000, 10, 10)
