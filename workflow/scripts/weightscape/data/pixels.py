"""Images as data sets give them, as square RGB images of 8 bits."""

from typing import Any

import numpy as np
from PIL import Image, ImageOps

from weightscape.data.resize import resize_square


def as_square(value: Any, image_size: int) -> np.ndarray:
    """Return an image as uint8 of shape (image_size, image_size, 3): turned as its EXIF data says, scaled, and cut.

    Parameters
    ----------
    value
        A Pillow image of any mode with 8 bits per channel; an array of shape (height, width) or (height, width,
        channels), or a tensor of shape (channels, height, width), of 1, 3 or 4 channels, as uint8 or as numbers in
        [0, 1].
    image_size
        Side in pixels. The shorter side is scaled to it, and the centre cut out.

    Raises
    ------
    ValueError
        If it is none of these.
    """
    image = value if isinstance(value, Image.Image) else Image.fromarray(_as_array(value))
    if image.mode.startswith(("I", "F")):
        raise ValueError(f"more than 8 bits per channel (mode {image.mode}); convert it to 8 bits first")
    return np.asarray(resize_square(ImageOps.exif_transpose(image).convert("RGB"), image_size))


def _as_array(value: Any) -> np.ndarray:
    """Return an array or a tensor as uint8 of shape (height, width) or (height, width, channels)."""
    is_tensor = hasattr(value, "detach")
    array = np.asarray(value.detach().cpu() if is_tensor else value)
    if array.ndim == 3 and is_tensor:
        array = np.moveaxis(array, 0, 2)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))):
        order = "(channels, height, width)" if is_tensor else "(height, width, channels)"
        raise ValueError(f"an image of shape {np.shape(value)}; allowed: (height, width), {order}, 1, 3 or 4 channels")
    if array.dtype == np.uint8:
        return array
    if not np.issubdtype(array.dtype, np.floating) or not (array.min() >= 0 and array.max() <= 1):
        raise ValueError(
            f"pixels of type {array.dtype} from {array.min():g} to {array.max():g}; allowed: uint8, or numbers in "
            "[0, 1] (leave normalisation to the workflow)"
        )
    return np.rint(255 * array).astype(np.uint8)
