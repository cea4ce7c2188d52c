"""Synthetic images: a class-conditional diffusion model trained by the workflow, or any diffusers pipeline.

`settings` describes the kinds of generators (no torch), `training` makes the ``diffusion`` kind, `sampling` draws from
any kind, and `quality` measures what came out (no torch).
"""
