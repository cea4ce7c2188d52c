"""The operations that AutoAugment, RandAugment, TrivialAugment and AugMix draw from, as corruptions of test images.

All four turn images and change their brightness, contrast, saturation and sharpness; less sharpness is a blend with a
blurred image. Hendrycks et al. (AugMix, arXiv 1912.02781, section 3) leave all of these but rotations out of AugMix
since they test on corruptions; torchvision's AugMix has them.
"""

CORRUPTIONS_SEEN = frozenset(
    {"blur", "brightness", "contrast", "defocus_blur", "gaussian_blur", "rotation", "saturate"}
)
"""Corruptions that training with such a policy sees; some are of CIFAR-10-C only."""
