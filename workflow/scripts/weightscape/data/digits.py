"""Grey digits as the square RGB images of a study."""

import numpy as np

from weightscape.data.resize import pad_frames, resize_frames

DIGITS = tuple("0123456789")
"""Names of the classes."""


def frame_digits(frames: np.ndarray, image_size: int) -> np.ndarray:
    """Return grey 28×28 frames as RGB images: padded with black up to 40 pixels, else scaled from the padded 32×32."""
    if 28 <= image_size <= 40:
        frames = pad_frames(frames, image_size)
    else:
        frames = resize_frames(pad_frames(frames, 32), image_size)
    return np.repeat(frames[..., np.newaxis], 3, axis=3)
