"""Every column of the spectra table: what it means, its unit and where its definition comes from.

`weightscape.spectra.analyze` makes exactly these columns, and docs/spectra.md shows them; a test holds all three
together. In the formulas λ are the pooled eigenvalues of WᵀW, s = √λ, p = λ/Σλ, n their number.
"""

from typing import Literal, NamedTuple

Kind = Literal["text", "flag", "count", "number"]

WW = "WeightWatcher 0.7.7"


class Column(NamedTuple):
    """One column: its metric group, how it is stored, its unit, the source of its definition, and its meaning."""

    name: str
    group: str
    kind: Kind
    unit: str
    source: str
    meaning: str


IDENTITY = (
    Column("layer_id", "layer", "count", "–", WW, "position of the layer among those analysed, from 0"),
    Column("name", "layer", "text", "–", WW, "last part of the layer's name"),
    Column("longname", "layer", "text", "–", WW, "full name of the layer, without .weight"),
    Column(
        "layer_type", "layer", "text", "–", "weightscape", "dense, attention (q, k or v), conv2d, grouped, depthwise"
    ),
    Column("N", "layer", "count", "–", WW, "larger dimension of the layer's matrices"),
    Column("M", "layer", "count", "–", WW, "smaller dimension of the layer's matrices"),
    Column("rf", "layer", "count", "–", WW, "receptive field: slices of the kernel that are pooled"),
    Column("Q", "layer", "number", "–", WW, "aspect ratio N/M"),
)

SPECTRUM = (
    Column("has_esd", "spectrum", "flag", "–", WW, "whether the layer has a spectrum (it is not all zero)"),
    Column("num_evals", "spectrum", "count", "–", WW, "n, number of pooled eigenvalues"),
    Column("sv_max", "spectrum", "number", "weight", WW, "largest singular value"),
    Column("sv_min", "spectrum", "number", "weight", WW, "smallest singular value, the largest of them over slices"),
    Column("rank_loss", "spectrum", "count", "–", WW, "singular values that are zero to rounding"),
    Column("weak_rank_loss", "spectrum", "count", "–", WW, "eigenvalues below 1e-6"),
    Column("lambda_max", "spectrum", "number", "weight²", WW, "largest eigenvalue"),
    Column("status", "status", "text", "–", WW, "success, or what could not be computed and why"),
    Column("norm", "norms", "number", "weight²", WW, "Σλ = ‖W‖²_F"),
    Column("log_norm", "norms", "number", "log10", WW, "log10 Σλ"),
    Column("spectral_norm", "norms", "number", "weight²", WW, "λmax = ‖W‖²₂"),
    Column("log_spectral_norm", "norms", "number", "log10", WW, "log10 λmax"),
    Column("nuclear_norm", "norms", "number", "weight", "weightscape", "Σs"),
    Column("log_nuclear_norm", "norms", "number", "log10", "weightscape", "log10 Σs"),
    Column("stable_rank", "norms", "number", "–", WW, "Σλ/λmax"),
    Column("effective_rank", "norms", "number", "–", "Roy & Vetterli 2007", "exp(−Σ q ln q), q = s/Σs"),
    Column("matrix_rank", "norms", "count", "–", WW, "singular values above s_max·N·ε"),
    Column("entropy", "norms", "number", "–", "Martin & Mahoney 2021", "−Σ p ln p / ln(matrix_rank); 0 for rank 1"),
    Column("entropy_ww", "norms", "number", "–", WW, "the same with WeightWatcher's ε = 1e-10 added to p and the rank"),
    Column(
        "alpha", "power_law", "number", "–", "Clauset et al. 2009", "exponent α of the tail, xmin at the smallest D"
    ),
    Column("xmin", "power_law", "number", "weight²", "Clauset et al. 2009", "start of the tail"),
    Column("xmax", "power_law", "number", "weight²", WW, "end of the tail, λmax"),
    Column("D", "power_law", "number", "–", "Clauset et al. 2009", "Kolmogorov–Smirnov distance of the tail"),
    Column("sigma", "power_law", "number", "–", "Clauset et al. 2009", "standard error (α − 1)/√n_tail"),
    Column("num_pl_spikes", "power_law", "count", "–", WW, "n_tail, eigenvalues ≥ xmin"),
    Column("alpha_weighted", "power_law", "number", "log10", WW, "α̂ = α·log10 λmax"),
    Column("log_alpha_norm", "power_law", "number", "log10", WW, "log10 Σλ^α"),
    Column("alpha_valid", "power_law", "flag", "–", "weightscape", "no reason in alpha_flags"),
    Column("alpha_flags", "power_law", "text", "–", "weightscape", "why not to rely on α: its range, tail length, D"),
    Column("warning", "power_law", "text", "–", WW, "over-trained (α < 2), under-trained (α > 6) or empty"),
    Column("alpha_hill", "hill", "number", "–", "Hill 1975; Zhou et al. 2023", "α of the upper half of the spectrum"),
    Column("sigma_mp", "mp", "number", "–", WW, "σ of the MP law for eigenvalues of mean 1 (WeightWatcher's KDE fit)"),
    Column("bulk_min", "mp", "number", "weight²", WW, "lower edge λ₋ of that bulk"),
    Column("bulk_max", "mp", "number", "weight²", WW, "upper edge λ₊ of that bulk"),
    Column("mp_softrank", "mp", "number", "–", WW, "λ₊/λmax"),
    Column("num_spikes", "mp", "count", "–", WW, "eigenvalues beyond λ₊ plus WeightWatcher's margin"),
    Column("W_scale", "mp", "number", "1/weight", WW, "√(n/Σλ), the scale at which that fit is made"),
    Column(
        "robust_sigma",
        "robust_mp",
        "number",
        "weight",
        "weightscape",
        "σ of the entries of a random matrix with this bulk",
    ),
    Column(
        "robust_bulk_min", "robust_mp", "number", "weight²", "Marchenko & Pastur 1967", "lower edge of the robust bulk"
    ),
    Column(
        "robust_bulk_max", "robust_mp", "number", "weight²", "Marchenko & Pastur 1967", "upper edge of the robust bulk"
    ),
    Column(
        "robust_bulk_tw",
        "robust_mp",
        "number",
        "weight²",
        "Johnstone 2001",
        "upper edge with the 1 % Tracy–Widom margin",
    ),
    Column("robust_softrank", "robust_mp", "number", "–", "weightscape", "robust_bulk_max/λmax"),
    Column("robust_num_spikes", "robust_mp", "count", "–", "Johnstone 2001", "eigenvalues beyond robust_bulk_tw"),
    Column("robust_spike_mass", "robust_mp", "number", "–", "weightscape", "share of the spikes in Σλ"),
    Column(
        "robust_bulk_ks",
        "robust_mp",
        "number",
        "–",
        "weightscape",
        "Kolmogorov–Smirnov distance of the bulk to the law",
    ),
)


def spectrum_columns(metrics: tuple[str, ...]) -> list[Column]:
    """Return the columns of one spectrum for the chosen metric groups, in their order in the table."""
    return [column for column in SPECTRUM if column.group in {"spectrum", "status", *metrics}]
