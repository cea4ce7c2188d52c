"""Join the parts of a pool of synthetic images that were drawn in jobs of their own.

``input``: images, labels, sources (lists, in the order of the parts). ``output``: images, labels, sources.
"""

from typing import Any

import numpy as np

from weightscape.files import write_array
from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    for name in ("images", "labels", "sources"):
        parts = [np.load(path, mmap_mode="r") for path in getattr(snakemake.input, name)]
        write_array(np.concatenate(parts), getattr(snakemake.output, name))
        log.info("%s: %d in %d parts", name, sum(map(len, parts)), len(parts))


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
