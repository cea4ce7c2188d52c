"""Synthetic images: a class-conditional diffusion model trained by the workflow, or any diffusers pipeline.

`generator` is what all kinds share and `kinds` holds them (no torch), `training` makes the ``diffusion`` kind,
`sampling` draws from any kind, and `quality` measures what came out (no torch).
"""
