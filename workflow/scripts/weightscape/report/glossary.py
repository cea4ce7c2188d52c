"""The words of the page that a reader may not know, in plain English."""

GLOSSARY = (
    (
        "run, seed",
        "A run is one training of the network. A seed fixes its images, the initial weights of the new layer and "
        "the order of batches, and every condition is run once with each seed. n is the number of seeds.",
    ),
    (
        "paired difference",
        "A run's value minus that of the baseline run with the same seed; random variation that both share cancels.",
    ),
    (
        "95 % interval",
        "The values that are compatible with the data: if the study were repeated many times, about 95 of 100 such "
        "intervals would contain the true value.",
    ),
    (
        "d_z",
        "Effect size: the mean paired difference divided by the standard deviation (SD) of the differences over the "
        "seeds. At 1, the effect is as large as its scatter from seed to seed.",
    ),
    (
        "interaction",
        "What a combination of interventions does beyond the sum of what its parts do alone, each relative to the "
        "baseline. 0: the effects add up.",
    ),
    (
        "p, sign-flip test",
        "p: how often a difference at least this large would come up if a condition did nothing. That of a claim is "
        "from a t test, whose replicates are the seeds (in claim 2d, the conditions). That of a paired difference is "
        "from a sign-flip test, in which each seed's difference could just as well have had the other sign.",
    ),
    (
        "Holm",
        "A correction for many tests: it raises each p so that the chance of even one false finding among them stays "
        "below 5 %.",
    ),
    (
        "α, spikes, stable rank, entropy",
        "Measures of the shape of a layer's spectrum, the eigenvalues of WᵀW for its weight matrix W. α: the exponent "
        "of the power law fitted to the largest ones. Spikes: how many are larger than those of random weights. Stable "
        "rank: how many directions carry the weights. Entropy: how evenly they do. Norms measure the scale instead.",
    ),
    (
        "fingerprint",
        "The paired differences of all metrics in all layer groups. Each is divided by the SD between seeds within a "
        "condition, pooled over conditions, so that 1 is about as much as one seed differs from another.",
    ),
    (
        "cross-validated cosine",
        "Whether two fingerprints point the same way: 1 the same direction, 0 unrelated, −1 opposite. Only values "
        "of different seeds are multiplied, since the noise of a shared baseline run would look like similarity; the "
        "result can therefore be slightly above 1.",
    ),
    (
        "T",
        "The statistic of claim 1: how far more diverse data move the spectra in the direction of dropout, minus how "
        "far they move them in the direction of weight decay, in the units of the fingerprints.",
    ),
    (
        "undetermined",
        "This study cannot tell. That does not mean that there is no effect: look at the interval.",
    ),
    (
        "Vendi score",
        "The effective number of different images in a set: 1 if all are identical, the number of images if no two "
        "have anything in common.",
    ),
    (
        "frozen embedding",
        "The last features that a pre-trained network computes from an image: the backbone before any fine-tuning, or "
        "the encoder that the config names. It is the same for all conditions, so that only the images differ.",
    ),
    (
        "OOD, corrupted",
        "Out of distribution: images of the same classes from another source. Corrupted: test images with noise, blur "
        "and the like, in increasing severity.",
    ),
    (
        "logit, probit",
        "Scales for accuracies on which a step means the same near 0.5 as near 1: the logarithm of the ratio of right "
        "to wrong answers, and the quantile of the normal distribution. On the probit scale, accuracy out of "
        "distribution tends to be a linear function of accuracy on the test set.",
    ),
    (
        "NLL, ECE, scaled",
        "Negative log-likelihood of the right classes. Expected calibration error: the mean gap between the "
        "stated probability and the share of right answers. Scaled: after dividing the logits by a temperature that is "
        "fitted on the validation set, one per run.",
    ),
    (
        "guidance",
        "How strongly the generator is pushed towards the class it is given: higher values give clearer but less "
        "varied images.",
    ),
)
"""Words, and what they mean."""
