"""Data sets of a study: where images come from, how they are split, and how test images are corrupted."""
