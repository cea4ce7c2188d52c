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
        "Vendi score of order q, weighted",
        "A higher order q counts rare images less: q = 0.5 almost counts kinds of images, q = 2 weighs them by how "
        "often they occur, q = ∞ asks for the most frequent one only. The weighted score is the Vendi score times how "
        "alike the images are to those of the baseline, from 0 to 1: images that are new because they show something "
        "else count less. As published, that likeness is taken image by image and depends on their order; here it "
        "does not.",
    ),
    (
        "DCScore, mean cosine distance, recall, coverage",
        "DCScore: how many images can be told from all others by their similarities. Mean cosine distance: how unlike "
        "two images are on average. Recall and coverage: the share of unseen real images that lie among the training "
        "images, and that have one of them near, as near as their own neighbours.",
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
        "adaptive, class-wise, smooth ECE",
        "Other ways to take the same gap. Adaptive: in bins with equally many images. Class-wise: of the probability "
        "of every class, not only of the predicted one. Smooth: without bins.",
    ),
    (
        "Brier score, reliability, resolution, uncertainty",
        "Brier score: the mean squared error of the probabilities of all classes, from 0 to 2. It is reliability (how "
        "far they are from calibrated) minus resolution (how much they tell about the class) plus uncertainty (how "
        "mixed the set is, whatever the network).",
    ),
    (
        "AUROC, FPR95",
        "How well images of other sets are told from test images by a score of each image. AUROC: the chance that a "
        "test image has a higher score than one of the other set. FPR95: how many of the other images pass a "
        "threshold that lets 95 % of the test images pass.",
    ),
    (
        "relative, effective robustness",
        "Relative: accuracy out of distribution minus the baseline's. Effective: what is left of it once the gain in "
        "accuracy on the test set is taken into account.",
    ),
    (
        "guidance",
        "How strongly the generator is pushed towards the class it is given: higher values give clearer but less "
        "varied images.",
    ),
)
"""Words, and what they mean."""
