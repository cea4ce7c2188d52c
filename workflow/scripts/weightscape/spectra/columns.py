"""Every column of the spectra table: what it means, its unit and where its definition comes from.

`weightscape.spectra.analyze` makes exactly these columns, and docs/spectra.md shows them; a test holds all three
together. In the formulas λ are the pooled eigenvalues of WᵀW, s = √λ, p = λ/Σλ, n their number.
"""

from collections.abc import Set
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
        "layer_type",
        "layer",
        "text",
        "–",
        "weightscape",
        "dense, attention (q, k or v), conv1d, conv2d, conv3d, grouped, depthwise",
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
    Column(
        "alpha_low", "bootstrap", "number", "–", "weightscape", "2.5 % point of α over resamples of the eigenvalues"
    ),
    Column("alpha_high", "bootstrap", "number", "–", "weightscape", "97.5 % point"),
    Column("alpha_hill", "hill", "number", "–", "Hill 1975; Zhou et al. 2023", "α of the upper half of the spectrum"),
    Column(
        "alpha_hill_xmin",
        "hill",
        "number",
        "–",
        "Hill 1975",
        "1 + (n − 2)/Σ ln(λ/xmin), unbiased for the xmin of α as given",
    ),
    Column(
        "alpha_farms", "farms", "number", "–", "Hu et al. 2025", "α of the upper half of the spectra of M × M windows"
    ),
    Column(
        "lognormal_R",
        "likelihood",
        "number",
        "–",
        "Clauset et al. 2009",
        "normalised likelihood ratio, < 0 for log-normal",
    ),
    Column("lognormal_p", "likelihood", "number", "–", "Vuong 1989", "p of that ratio"),
    Column(
        "truncated_R",
        "likelihood",
        "number",
        "–",
        "Clauset et al. 2009",
        "the same for a cut-off power law; always ≤ 0",
    ),
    Column(
        "truncated_p", "likelihood", "number", "–", "Clauset et al. 2009", "p of the cut-off (χ², 1 degree of freedom)"
    ),
    Column("alpha_truncated", "likelihood", "number", "–", WW, "exponent of the power law with exponential cut-off"),
    Column("Lambda", "likelihood", "number", "1/weight²", WW, "its rate: p(λ) ∝ λ^−α e^−Λλ"),
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
        "upper edge with the 1 % margin (Tracy–Widom and the error of σ)",
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
    Column("detX_num", "erg", "count", "–", WW, "largest eigenvalues whose product is one (spectrum of mean 1)"),
    Column("num_ERG_spikes", "erg", "count", "–", WW, "the same"),
    Column("ERG_gap", "erg", "count", "–", WW, "detX_num − num_pl_spikes"),
    Column("detX_val", "erg", "number", "weight²", WW, "eigenvalue at which that tail starts"),
    Column(
        "detX_val_unrescaled", "erg", "number", "–", WW, "the same in the spectrum of mean 1 (WeightWatcher's name)"
    ),
    Column(
        "max_rand_eval",
        "random",
        "number",
        "weight²",
        WW,
        "λmax after shuffling the elements, as all below a mean over shuffles",
    ),
    Column("rand_distance", "random", "number", "–", WW, "Jensen–Shannon distance of the spectra as weights"),
    Column("ww_softrank", "random", "number", "–", WW, "λmax shuffled/λmax"),
    Column("ww_maxdist", "random", "number", "weight²", WW, "λmax − λmax shuffled"),
    Column("rand_num_spikes", "random", "number", "–", WW, "num_spikes of the shuffled matrix"),
    Column("num_traps", "random", "number", "–", WW, "the same: correlation traps, single elements too large"),
    Column("rand_sigma_mp", "random", "number", "–", WW, "sigma_mp of the shuffled matrix"),
    Column("rand_mp_softrank", "random", "number", "–", WW, "mp_softrank of the shuffled matrix"),
    Column("rand_W_scale", "random", "number", "1/weight", WW, "W_scale of the shuffled matrix"),
    Column("rand_bulk_min", "random", "number", "weight²", WW, "bulk_min of the shuffled matrix"),
    Column("rand_bulk_max", "random", "number", "weight²", WW, "bulk_max of the shuffled matrix"),
    *(
        Column(f"{part}_{moment}_{measure}", "vectors", "number", "–", WW, f"{moment} of {meaning} over the {part}")
        for measure, meaning in (
            ("vec_entropy", "the histogram entropy of singular vectors"),
            ("loc_ratio", "‖v‖₁/‖v‖_∞"),
            ("part_ratio", "‖v‖₂/‖v‖₄ (participation ratio^¼), 1 for one component"),
        )
        for part in ("bulk", "tail")
        for moment in ("mean", "var")
    ),
)

CHANGE = (
    Column("relative_change", "change", "number", "–", "weightscape", "‖ΔW‖_F/‖W_before‖_F"),
    Column(
        "log_spectrum_distance", "change", "number", "log10", "weightscape", "Wasserstein-1 distance of the log10 λ"
    ),
    Column(
        "spikes_before",
        "subspaces",
        "count",
        "–",
        "weightscape",
        "robust spikes of the weight before, as out × rest; its rank if it has no bulk",
    ),
    *(
        Column(
            f"overlap_{side}_{k}", "subspaces", "number", "–", "Björck & Golub 1973", f"mean cos² of the angles, {what}"
        )
        for k, what in (
            ("1", "leading vector"),
            ("5", "leading 5 vectors"),
            ("10", "leading 10 vectors"),
            ("spikes", "the spikes_before leading ones, if any"),
        )
        for side in ("left", "right")
    ),
    Column(
        "intruders",
        "subspaces",
        "count",
        "–",
        "Shuttleworth et al. 2024",
        "of 10 leading vectors, those new in training",
    ),
)


def spectrum_columns(groups: Set[str]) -> list[Column]:
    """Return the columns of one spectrum for the chosen groups, in their order in the table."""
    return [column for column in SPECTRUM if column.group in groups]


def change_columns(groups: Set[str]) -> list[Column]:
    """Return the columns of a change for the chosen groups, in their order in the table."""
    return [column for column in CHANGE if column.group in groups]
