"""Weightscape: how training interventions and data diversity reshape the weight spectra of neural networks.

The package is the library behind the workflow's scripts. Modules are imported late and one by one, so this file
imports nothing of weight: a rule that only draws a figure must not pay for torch.
"""

__version__ = "0.1.0"
