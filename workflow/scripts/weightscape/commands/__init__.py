"""Commands of ``python -m weightscape``, one module each; a module's docstring is the command's help."""
