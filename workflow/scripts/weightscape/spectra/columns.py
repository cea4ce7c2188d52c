"""Every column of the spectra table: how it is stored, where it may be used, and what it means.

`weightscape.spectra.analyze` makes exactly these columns, in this order. The text below a column is ``label | meaning |
unit | source of the definition``; the label, its name in figures, may be left out where no claim names the column. The
texts are no part of a code digest (`weightscape.words.columns` reads them): rewording one runs nothing again. In the
formulas λ are the pooled eigenvalues of WᵀW, s = √λ, p = λ/Σλ, n their number.
"""

from collections.abc import Set
from typing import ClassVar, Literal, NamedTuple

Kind = Literal["text", "flag", "count", "number"]
Use = Literal["claim", "outcome", "delta", "fit"]
"""``claim``: a study's claims may name it. ``outcome``: results show its effects even where no claim names it.
``delta``: they also follow it for ΔW. ``fit``: it is compared only where the power law is valid.
"""


class Column(NamedTuple):
    """A column of the spectra table: how it is stored, where it may be used, its name and group as declared."""

    kind: Kind
    uses: tuple[Use, ...] = ()
    name: str = ""
    group: str = ""


class Group:
    """Columns that are computed together, each an attribute of a subclass."""

    columns: ClassVar[tuple[Column, ...]]

    def __init_subclass__(cls, name: str):
        columns = {key: value for key, value in vars(cls).items() if isinstance(value, Column)}
        cls.columns = tuple(column._replace(name=key, group=name) for key, column in columns.items())


TEXT, FLAG, COUNT, NUMBER = Column("text"), Column("flag"), Column("count"), Column("number")


class Layer(Group, name="layer"):
    """Which layer it is."""

    layer_id = COUNT
    """position of the layer among those analysed, from 0 | – | WeightWatcher 0.7.7"""
    name = TEXT
    """last part of the layer's name | – | WeightWatcher 0.7.7"""
    longname = TEXT
    """full name of the layer, without .weight | – | WeightWatcher 0.7.7"""
    layer_type = TEXT
    """dense, attention (q, k or v), conv1d, conv2d, conv3d, grouped, depthwise | – | weightscape"""
    N = COUNT
    """larger dimension of the layer's matrices | – | WeightWatcher 0.7.7"""
    M = COUNT
    """smaller dimension of the layer's matrices | – | WeightWatcher 0.7.7"""
    rf = COUNT
    """receptive field: slices of the kernel that are pooled | – | WeightWatcher 0.7.7"""
    Q = NUMBER
    """aspect ratio N/M | – | WeightWatcher 0.7.7"""


class Spectrum(Group, name="spectrum"):
    """Of every spectrum, whatever the metrics."""

    has_esd = FLAG
    """whether the layer has a spectrum (it is not all zero) | – | WeightWatcher 0.7.7"""
    num_evals = COUNT
    """n, number of pooled eigenvalues | – | WeightWatcher 0.7.7"""
    sv_max = NUMBER
    """largest singular value | weight | WeightWatcher 0.7.7"""
    sv_min = NUMBER
    """smallest singular value, the largest of them over slices | weight | WeightWatcher 0.7.7"""
    rank_loss = COUNT
    """singular values that are zero to rounding | – | WeightWatcher 0.7.7"""
    weak_rank_loss = COUNT
    """eigenvalues below 1e-6 | – | WeightWatcher 0.7.7"""
    lambda_max = NUMBER
    """largest eigenvalue | weight² | WeightWatcher 0.7.7"""


class Status(Group, name="status"):
    """Whether all could be computed."""

    status = TEXT
    """success, or what could not be computed and why | – | WeightWatcher 0.7.7"""


class Norms(Group, name="norms"):
    """Sizes and ranks."""

    norm = NUMBER
    """Σλ = ‖W‖²_F | weight² | WeightWatcher 0.7.7"""
    log_norm = Column("number", ("claim", "delta"))
    """log norm | log10 Σλ | log10 | WeightWatcher 0.7.7"""
    spectral_norm = NUMBER
    """λmax = ‖W‖²₂ | weight² | WeightWatcher 0.7.7"""
    log_spectral_norm = Column("number", ("claim", "delta"))
    """log spectral norm | log10 λmax | log10 | WeightWatcher 0.7.7"""
    nuclear_norm = NUMBER
    """Σs | weight | weightscape"""
    log_nuclear_norm = Column("number", ("claim", "outcome"))
    """log nuclear norm | log10 Σs | log10 | weightscape"""
    stable_rank = Column("number", ("claim", "delta"))
    """stable rank | Σλ/λmax | – | WeightWatcher 0.7.7"""
    effective_rank = Column("number", ("claim", "outcome", "delta"))
    """effective rank | exp(−Σ q ln q), q = s/Σs | – | Roy & Vetterli 2007"""
    matrix_rank = Column("count", ("outcome",))
    """matrix rank | singular values above s_max·N·ε | – | WeightWatcher 0.7.7"""
    entropy = Column("number", ("claim", "delta"))
    """entropy | −Σ p ln p / ln(matrix_rank); 0 for rank 1 | – | Martin & Mahoney 2021"""
    entropy_ww = NUMBER
    """the same with WeightWatcher's ε = 1e-10 added to p and the rank | – | WeightWatcher 0.7.7"""


class PowerLaw(Group, name="power_law"):
    """The power law of the tail."""

    alpha = Column("number", ("claim", "delta", "fit"))
    """power-law α | exponent α of the tail, xmin at the smallest D | – | Clauset et al. 2009"""
    xmin = NUMBER
    """start of the tail | weight² | Clauset et al. 2009"""
    xmax = NUMBER
    """end of the tail, λmax | weight² | WeightWatcher 0.7.7"""
    D = Column("number", ("outcome",))
    """Kolmogorov–Smirnov distance of the tail | – | Clauset et al. 2009"""
    sigma = NUMBER
    """standard error (α − 1)/√n_tail | – | Clauset et al. 2009"""
    num_pl_spikes = COUNT
    """n_tail, eigenvalues ≥ xmin | – | WeightWatcher 0.7.7"""
    alpha_weighted = Column("number", ("claim", "outcome", "fit"))
    """weighted α | α̂ = α·log10 λmax | log10 | WeightWatcher 0.7.7"""
    log_alpha_norm = Column("number", ("claim", "outcome", "fit"))
    """log α-norm | log10 Σλ^α | log10 | WeightWatcher 0.7.7"""
    alpha_valid = FLAG
    """no reason in alpha_flags | – | weightscape"""
    alpha_flags = TEXT
    """why not to rely on α: its range, tail length, D | – | weightscape"""
    warning = TEXT
    """over-trained (α < 2), under-trained (α > 6) or empty | – | WeightWatcher 0.7.7"""


class Bootstrap(Group, name="bootstrap"):
    """The interval of α."""

    alpha_low = NUMBER
    """2.5 % point of α over resamples of the eigenvalues | – | weightscape"""
    alpha_high = NUMBER
    """97.5 % point | – | weightscape"""


class Hill(Group, name="hill"):
    """Tail exponents without a search for xmin."""

    alpha_hill = Column("number", ("claim", "outcome"))
    """Hill α | α of the upper half of the spectrum | – | Hill 1975; Zhou et al. 2023"""
    alpha_hill_xmin = NUMBER
    """1 + (n − 2)/Σ ln(λ/xmin), unbiased for the xmin of α as given | – | Hill 1975"""


class Farms(Group, name="farms"):
    """The tail exponent of windows of one shape."""

    alpha_farms = NUMBER
    """α of the upper half of the spectra of M × M windows | – | Hu et al. 2025"""


class Likelihood(Group, name="likelihood"):
    """Other laws of the same tail."""

    lognormal_R = NUMBER
    """normalised likelihood ratio, < 0 for log-normal | – | Clauset et al. 2009"""
    lognormal_p = NUMBER
    """p of that ratio | – | Vuong 1989"""
    truncated_R = NUMBER
    """the same for a cut-off power law; always ≤ 0 | – | Clauset et al. 2009"""
    truncated_p = NUMBER
    """p of the cut-off (χ², 1 degree of freedom) | – | Clauset et al. 2009"""
    alpha_truncated = NUMBER
    """exponent of the power law with exponential cut-off | – | WeightWatcher 0.7.7"""
    Lambda = NUMBER
    """its rate: p(λ) ∝ λ^−α e^−Λλ | 1/weight² | WeightWatcher 0.7.7"""


class MP(Group, name="mp"):
    """The Marchenko–Pastur fit of WeightWatcher."""

    sigma_mp = NUMBER
    """σ of the MP law for eigenvalues of mean 1 (WeightWatcher's KDE fit) | – | WeightWatcher 0.7.7"""
    bulk_min = NUMBER
    """lower edge λ₋ of that bulk | weight² | WeightWatcher 0.7.7"""
    bulk_max = NUMBER
    """upper edge λ₊ of that bulk | weight² | WeightWatcher 0.7.7"""
    mp_softrank = Column("number", ("claim", "outcome"))
    """MP soft rank | λ₊/λmax | – | WeightWatcher 0.7.7"""
    num_spikes = Column("count", ("claim",))
    """spikes | eigenvalues beyond λ₊ plus WeightWatcher's margin | – | WeightWatcher 0.7.7"""
    W_scale = NUMBER
    """√(n/Σλ), the scale at which that fit is made | 1/weight | WeightWatcher 0.7.7"""


class RobustMP(Group, name="robust_mp"):
    """The Marchenko–Pastur bulk of `weightscape.spectra.marchenko_pastur`."""

    robust_sigma = NUMBER
    """σ of the entries of a random matrix with this bulk | weight | weightscape"""
    robust_bulk_min = NUMBER
    """lower edge of the robust bulk | weight² | Marchenko & Pastur 1967"""
    robust_bulk_max = NUMBER
    """upper edge of the robust bulk | weight² | Marchenko & Pastur 1967"""
    robust_bulk_tw = NUMBER
    """upper edge with the 1 % margin (Tracy–Widom and the error of σ) | weight² | Johnstone 2001"""
    robust_softrank = Column("number", ("claim", "outcome"))
    """robust soft rank | robust_bulk_max/λmax | – | weightscape"""
    robust_num_spikes = Column("count", ("claim", "outcome"))
    """robust spikes | eigenvalues beyond robust_bulk_tw | – | Johnstone 2001"""
    robust_spike_mass = Column("number", ("claim", "outcome"))
    """robust spike mass | share of the spikes in Σλ | – | weightscape"""
    robust_bulk_ks = NUMBER
    """Kolmogorov–Smirnov distance of the bulk to the law | – | weightscape"""


class ERG(Group, name="erg"):
    """The tail whose product is one."""

    detX_num = COUNT
    """largest eigenvalues whose product is one (spectrum of mean 1) | – | WeightWatcher 0.7.7"""
    num_ERG_spikes = COUNT
    """the same | – | WeightWatcher 0.7.7"""
    ERG_gap = COUNT
    """detX_num − num_pl_spikes | – | WeightWatcher 0.7.7"""
    detX_val = NUMBER
    """eigenvalue at which that tail starts | weight² | WeightWatcher 0.7.7"""
    detX_val_unrescaled = NUMBER
    """the same in the spectrum of mean 1 (WeightWatcher's name) | – | WeightWatcher 0.7.7"""


class Random(Group, name="random"):
    """The same matrix with its elements shuffled."""

    max_rand_eval = NUMBER
    """λmax after shuffling the elements, as all below a mean over shuffles | weight² | WeightWatcher 0.7.7"""
    rand_distance = NUMBER
    """Jensen–Shannon distance of the spectra as weights | – | WeightWatcher 0.7.7"""
    ww_softrank = NUMBER
    """λmax shuffled/λmax | – | WeightWatcher 0.7.7"""
    ww_maxdist = NUMBER
    """λmax − λmax shuffled | weight² | WeightWatcher 0.7.7"""
    rand_num_spikes = NUMBER
    """num_spikes of the shuffled matrix | – | WeightWatcher 0.7.7"""
    num_traps = NUMBER
    """the same: correlation traps, single elements too large | – | WeightWatcher 0.7.7"""
    rand_sigma_mp = NUMBER
    """sigma_mp of the shuffled matrix | – | WeightWatcher 0.7.7"""
    rand_mp_softrank = NUMBER
    """mp_softrank of the shuffled matrix | – | WeightWatcher 0.7.7"""
    rand_W_scale = NUMBER
    """W_scale of the shuffled matrix | 1/weight | WeightWatcher 0.7.7"""
    rand_bulk_min = NUMBER
    """bulk_min of the shuffled matrix | weight² | WeightWatcher 0.7.7"""
    rand_bulk_max = NUMBER
    """bulk_max of the shuffled matrix | weight² | WeightWatcher 0.7.7"""


class Vectors(Group, name="vectors"):
    """How many neurons the singular vectors use."""

    bulk_mean_vec_entropy = NUMBER
    """mean of the histogram entropy of singular vectors over the bulk | – | WeightWatcher 0.7.7"""
    bulk_var_vec_entropy = NUMBER
    """var of the histogram entropy of singular vectors over the bulk | – | WeightWatcher 0.7.7"""
    tail_mean_vec_entropy = NUMBER
    """mean of the histogram entropy of singular vectors over the tail | – | WeightWatcher 0.7.7"""
    tail_var_vec_entropy = NUMBER
    """var of the histogram entropy of singular vectors over the tail | – | WeightWatcher 0.7.7"""
    bulk_mean_loc_ratio = NUMBER
    """mean of ‖v‖₁/‖v‖_∞ over the bulk | – | WeightWatcher 0.7.7"""
    bulk_var_loc_ratio = NUMBER
    """var of ‖v‖₁/‖v‖_∞ over the bulk | – | WeightWatcher 0.7.7"""
    tail_mean_loc_ratio = NUMBER
    """mean of ‖v‖₁/‖v‖_∞ over the tail | – | WeightWatcher 0.7.7"""
    tail_var_loc_ratio = NUMBER
    """var of ‖v‖₁/‖v‖_∞ over the tail | – | WeightWatcher 0.7.7"""
    bulk_mean_part_ratio = NUMBER
    """mean of ‖v‖₂/‖v‖₄ (participation ratio^¼), 1 for one component over the bulk | – | WeightWatcher 0.7.7"""
    bulk_var_part_ratio = NUMBER
    """var of ‖v‖₂/‖v‖₄ (participation ratio^¼), 1 for one component over the bulk | – | WeightWatcher 0.7.7"""
    tail_mean_part_ratio = NUMBER
    """mean of ‖v‖₂/‖v‖₄ (participation ratio^¼), 1 for one component over the tail | – | WeightWatcher 0.7.7"""
    tail_var_part_ratio = NUMBER
    """var of ‖v‖₂/‖v‖₄ (participation ratio^¼), 1 for one component over the tail | – | WeightWatcher 0.7.7"""


class Change(Group, name="change"):
    """How much the layer changed."""

    relative_change = NUMBER
    """‖ΔW‖_F/‖W_before‖_F | – | weightscape"""
    log_spectrum_distance = NUMBER
    """Wasserstein-1 distance of the log10 λ | log10 | weightscape"""


class Subspaces(Group, name="subspaces"):
    """How far the leading directions turned."""

    spikes_before = COUNT
    """robust spikes of the weight before, as out × rest; its rank if it has no bulk | – | weightscape"""
    overlap_left_1 = NUMBER
    """mean cos² of the angles, leading vector | – | Björck & Golub 1973"""
    overlap_right_1 = NUMBER
    """mean cos² of the angles, leading vector | – | Björck & Golub 1973"""
    overlap_left_5 = NUMBER
    """mean cos² of the angles, leading 5 vectors | – | Björck & Golub 1973"""
    overlap_right_5 = NUMBER
    """mean cos² of the angles, leading 5 vectors | – | Björck & Golub 1973"""
    overlap_left_10 = NUMBER
    """mean cos² of the angles, leading 10 vectors | – | Björck & Golub 1973"""
    overlap_right_10 = NUMBER
    """mean cos² of the angles, leading 10 vectors | – | Björck & Golub 1973"""
    overlap_left_spikes = NUMBER
    """mean cos² of the angles, the spikes_before leading ones, if any | – | Björck & Golub 1973"""
    overlap_right_spikes = NUMBER
    """mean cos² of the angles, the spikes_before leading ones, if any | – | Björck & Golub 1973"""
    intruders = COUNT
    """of 10 leading vectors, those new in training | – | Shuttleworth et al. 2024"""


IDENTITY = Layer.columns
"""Of every row, whatever the metrics."""

SPECTRUM = tuple(
    column
    for group in (
        Spectrum,
        Status,
        Norms,
        PowerLaw,
        Bootstrap,
        Hill,
        Farms,
        Likelihood,
        MP,
        RobustMP,
        ERG,
        Random,
        Vectors,
    )
    for column in group.columns
)
"""Of the spectrum of W, and of that of ΔW with a prefix."""

CHANGE = (*Change.columns, *Subspaces.columns)
"""Of the change from the weights before."""


def used_as(use: Use) -> list[str]:
    """Return the names of the columns of a spectrum that have this use, in their order in the table."""
    return [column.name for column in SPECTRUM if use in column.uses]


def spectrum_columns(groups: Set[str]) -> list[Column]:
    """Return the columns of one spectrum for the chosen groups, in their order in the table."""
    return [column for column in SPECTRUM if column.group in groups]


def change_columns(groups: Set[str]) -> list[Column]:
    """Return the columns of a change for the chosen groups, in their order in the table."""
    return [column for column in CHANGE if column.group in groups]
