"""Claim 1 on the shape of the spectra, the primary one."""

from weightscape.statistics.spectral_claim import SpectralClaim


class SpectralShape(SpectralClaim):
    """Claim 1 on the features that do not change when the weights are scaled."""

    name = "1-shape"
    title = "Data diversity moves the shape of the weight spectra along dropout, further than along weight decay"
    question = (
        "Do more diverse data move the shape of the spectra ({metrics}; primary family) in the direction of dropout, "
        "and further than in that of weight decay?"
    )
    primary = True
    planned_as = "claim 1 on the shape of the spectra"
    feature_family = "shape"
