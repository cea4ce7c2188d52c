"""Measure the pools of synthetic images against real ones, and say which of them are not recognised.

``input``: synthetic_images and synthetic_labels (lists, one per pool), unseen_images, unseen_labels, seen_images,
seen_labels, test_images, test_labels (`weightscape.generator.quality.Real`), manifest, encoder and description, the
frozen encoder; rejected, a list with one for each pool that was filtered. ``params``: pools (list of their columns, in
the same order), filtered (names of those pools), threshold (``claims.recognised``), device. ``output``: table and
classes (Parquet), csv and classes_csv.
"""

from typing import Any

import numpy as np
import pandas as pd

from weightscape.files import read_json, read_table, write_table
from weightscape.generator.pool import SETTINGS
from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    from weightscape.generator.encoder import load_encoder
    from weightscape.generator.quality import Real, quality_tables
    from weightscape.torch_job import start_torch

    start_torch(snakemake.threads)
    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    sets = ("unseen", "seen", "test")
    real = Real(
        *((np.load(getattr(inputs, f"{name}_images")), np.load(getattr(inputs, f"{name}_labels"))) for name in sets)
    )
    columns = pd.DataFrame(params.pools).astype(dict.fromkeys(SETTINGS, float))
    files = zip(columns["pool"], inputs.synthetic_images, inputs.synthetic_labels, strict=True)
    pools = {name: (np.load(images), np.load(labels)) for name, images, labels in files}
    encoder = load_encoder(inputs.encoder, inputs.description, params.device)
    class_names = read_json(inputs.manifest)["class_names"]
    quality, classes = quality_tables(pools, real, encoder, class_names, params.threshold)
    texts = {name: "" for name in columns if name != "pool" and name not in SETTINGS}
    quality = columns.merge(quality, on="pool", how="right").fillna(texts)
    if params.filtered:
        parts = zip(params.filtered, inputs.rejected, strict=True)
        rejected = pd.concat([read_table(path).assign(pool=name) for name, path in parts])
        classes = classes.merge(rejected, on=["pool", "class_name"], how="left")
    for table, paths in ((quality, (output.table, output.csv)), (classes, (output.classes, output.classes_csv))):
        for path in paths:
            write_table(table, path)
    for row in quality.itertuples():
        log.info("%s: %.1f %% recognised by %s", row.pool, 100 * row.classifier_accuracy, row.classifier)
    for row in quality[quality["outcome"] != "recognised"].itertuples():
        log.warning(
            "%s: %s, so claim 2 gets no verdict: above chance %.2f of what is recognised of unseen real images, as a "
            "lower bound %.2f, where claims.recognised = %g", row.pool, row.outcome, row.recognised_share,
            row.recognised_share_low, row.threshold,
        )  # fmt: skip


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
