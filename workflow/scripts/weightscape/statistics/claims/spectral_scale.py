"""Claim 1 on the scale of the spectra, which weight decay shrinks by definition: secondary."""

from weightscape.statistics.spectral_claim import SpectralClaim


class SpectralScale(SpectralClaim):
    """Claim 1 on the norms of the weights."""

    name = "1-scale"
    title = "Data diversity moves the scale of the weight spectra along dropout, further than along weight decay"
    question = (
        "Do more diverse data move the scale of the spectra ({metrics}; secondary family) in the direction of dropout, "
        "and further than in that of weight decay?"
    )
    planned_as = "claim 1 on their scale"
    feature_family = "scale"
