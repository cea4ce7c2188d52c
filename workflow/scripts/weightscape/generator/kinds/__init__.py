"""Kinds of generators, one module each; see `weightscape.generator.generator`."""
