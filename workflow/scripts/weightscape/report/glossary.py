"""The words of the page that a reader may not know, in plain English."""

GLOSSARY = (
    (
        "run, seed",
        "A run is one training of the network. A seed fixes its images, the new layer's first weights and the order "
        "of batches, and every condition is run once with each seed. n is the number of seeds.",
    ),
    (
        "paired difference",
        "A run's value minus that of the baseline run with the same seed; chance that both share cancels.",
    ),
    (
        "95 % interval",
        "The values that the data do not speak against: if the study were repeated, 95 of 100 such intervals would "
        "hold the true value.",
    ),
    (
        "d_z",
        "Effect size: the mean paired difference divided by the standard deviation (SD) of the differences over the "
        "seeds. At 1 the effect is as large as its own scatter from seed to seed.",
    ),
    (
        "p, sign-flip test",
        "How often a difference at least this large would come up if a condition did nothing and each seed's "
        "difference could as well have had the other sign.",
    ),
    (
        "Holm",
        "A correction for many tests: it raises each p so that the chance of even one false finding among them stays "
        "below 5 %.",
    ),
    (
        "α, spikes, stable rank, entropy",
        "The shape of a layer's spectrum, the eigenvalues of its weight matrix's square: exponent of the power law "
        "fitted to the largest ones; number of them beyond what random weights have; how many directions carry the "
        "weight; how evenly they do. Norms measure its scale.",
    ),
    (
        "fingerprint",
        "The paired differences of all metrics in all layer groups. Each is divided by the SD between seeds within a "
        "condition, pooled over conditions, so that 1 is as much as one seed differs from another.",
    ),
    (
        "cross-validated cosine",
        "Whether two fingerprints point the same way: 1 the same direction, 0 unrelated, −1 opposite. Only different "
        "seeds are multiplied, since the noise of the shared baseline would look like likeness; a value can therefore "
        "lie a little beyond 1.",
    ),
    (
        "T",
        "The statistic of claim 1: how far more diverse data move the spectra in the direction of dropout, minus how "
        "far in that of weight decay, in the units of the fingerprints.",
    ),
    (
        "undetermined",
        "This study cannot tell. It is not the finding that nothing is there: look at the interval.",
    ),
    (
        "Vendi score",
        "The number of different images that a set is worth: 1 if all are alike, the number of images if none has "
        "anything in common with another.",
    ),
    (
        "frozen embedding",
        "What the pre-trained network, before any fine-tuning, makes of an image: its last features. The same network "
        "for all conditions, so that only the images differ.",
    ),
    (
        "OOD, corrupted",
        "Out of distribution: images of the same classes from another source. Corrupted: test images with noise, blur "
        "and the like, in rising severity.",
    ),
    (
        "logit, probit",
        "Scales for accuracies on which a step means the same near 0.5 and near 1: the logarithm of right to wrong "
        "answers, and the quantile of the normal distribution. On the probit scale accuracy out of distribution tends "
        "to lie on a line over accuracy on the test set.",
    ),
    (
        "NLL, ECE, scaled",
        "Negative log-likelihood of the right classes. Expected calibration error: the mean gap between stated "
        "probability and share of right answers. Scaled: after one temperature per run, fitted on the validation set, "
        "has divided the logits.",
    ),
    (
        "guidance",
        "How strongly the generator is pushed towards its class: more gives clearer and less varied images.",
    ),
)
"""Words and what they mean."""
