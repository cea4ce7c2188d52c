"""How far the spectra are from WeightWatcher 0.7.7, column by column, on a real network and on made-up layers.

Run as ``OMP_NUM_THREADS=1 PYTHONPATH=workflow/scripts python benchmarks/agreement.py``; needs the test dependencies.
Prints the rows of docs/compared-with-weightwatcher.md.
"""

import logging

import numpy as np
import pandas as pd

from spectra import efficientnet, resnet18, torch_model

GATES = {
    1e-10: ("alpha", "alpha_weighted", "log_alpha_norm", "sigma"),
    1e-12: (
        *("xmin", "xmax", "D", "norm", "log_norm", "spectral_norm", "log_spectral_norm", "stable_rank", "entropy_ww"),
        "W_scale",
    ),
}
MP = ("sigma_mp", "mp_softrank", "bulk_max", "num_spikes")
COUNTS = ("N", "M", "rf", "num_evals", "rank_loss", "weak_rank_loss", "matrix_rank", "num_pl_spikes")


def layers() -> dict[str, np.ndarray]:
    """Return the kernels of EfficientNet-Lite0, four of ResNet-18's shape, and dense layers of several kinds."""
    rng = np.random.default_rng(0)
    made_up = {
        "gauss_wide": rng.standard_normal((200, 700)),
        "gauss_square": rng.standard_normal((300, 300)),
        "student": rng.standard_t(2.5, (400, 150)),
        "spiked": rng.standard_normal((500, 200))
        + 40 * np.outer(rng.standard_normal(500), rng.standard_normal(200)) / 300,
        "nineteen": rng.standard_normal((40, 19)),
        "deficient": rng.standard_normal((90, 30)) @ rng.standard_normal((30, 60)),
    }
    kernels = {
        name: weight for name, weight in resnet18().items() if name in ("conv1", "layer1_0", "layer2_0", "layer2_down")
    }
    return efficientnet() | kernels | {name: weight.astype(np.float32) for name, weight in made_up.items()}


def report_mp(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """Print the MP fits' deviation, apart from layers in which rounding decides WeightWatcher's."""
    deviation = (ours[list(MP)].astype(float) / theirs[list(MP)].astype(float).replace(0, np.nan) - 1).abs()
    decided = deviation["sigma_mp"] < 1e-6
    for column in MP[:3]:
        print(f"| `{column}` | {deviation.loc[decided, column].max():.1e} | 1e-12 |")
    print(f"num_spikes equal there: {(ours.loc[decided, 'num_spikes'] == theirs.loc[decided, 'num_spikes']).all()}")
    for layer in deviation.index[~decided]:
        sigmas = [f"{table.loc[layer, 'sigma_mp']:.4f}" for table in (ours, theirs)]
        print(
            f"decided by rounding: {layer}, {ours.loc[layer, 'num_evals']} eigenvalues, sigma_mp {' and '.join(sigmas)}"
        )


def main() -> None:
    logging.disable(logging.CRITICAL)
    from weightwatcher import WeightWatcher

    from weightscape.spectra import analyze

    weights = layers()
    theirs = WeightWatcher(model=torch_model(weights)).analyze(mp_fit=True).set_index("longname")
    ours = analyze(weights, floor=1e-5, small_n="ww077").set_index("longname").loc[theirs.index]
    theirs = theirs.rename(columns={"entropy": "entropy_ww"})
    print(f"{len(theirs)} layers")
    for gate, columns in GATES.items():
        for column in columns:
            expected = theirs[column].astype(float)
            deviation = float(((ours[column] - expected).abs() / expected.abs()).max())
            print(f"| `{column}` | {deviation:.1e} | {gate:g} |")
    report_mp(ours, theirs)
    equal = {column: int((ours[column].astype(int) != theirs[column].astype(int)).sum()) for column in COUNTS}
    print(f"counts that differ: {equal}")
    # WeightWatcher has no robust bulk, whose reasons stand in our status.
    status = ours["status"].where(~ours["status"].str.fullmatch(r"MP bulk: [^;]*"), "success")
    print(
        f"status equal: {(status == theirs['status']).all()}, warning: {(ours['warning'] == theirs['warning']).all()}"
    )
    plain = analyze(weights).set_index("longname").loc[theirs.index]
    changed = pd.Series(plain["alpha"] - ours["alpha"]).abs() > 1e-9
    print(f"alpha with our defaults differs for: {', '.join(changed[changed].index)}")


if __name__ == "__main__":
    main()
