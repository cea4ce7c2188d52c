"""Changing the size of images with Pillow's filters, which average over all source pixels when shrinking."""

import numpy as np
from PIL import Image


def resize_square(image: Image.Image, size: int) -> Image.Image:
    """Scale the shorter side of `image` to `size` (bilinear, antialiased) and cut the centre square out."""
    width, height = image.size
    if (width, height) == (size, size):
        return image
    scale = size / min(width, height)
    width, height = max(size, round(width * scale)), max(size, round(height * scale))
    image = image.resize((width, height), Image.Resampling.BILINEAR)
    left, top = (width - size) // 2, (height - size) // 2
    return image.crop((left, top, left + size, top + size))


def resize_frames(frames: np.ndarray, size: int) -> np.ndarray:
    """Return uint8 grey frames of shape (n, h, h) at shape (n, size, size), bilinear and antialiased."""
    return np.stack([np.asarray(resize_square(Image.fromarray(frame), size)) for frame in frames])


def pad_frames(frames: np.ndarray, size: int) -> np.ndarray:
    """Return frames of shape (n, h, h) centred on black frames of shape (n, size, size), with size ≥ h."""
    before = (size - frames.shape[1]) // 2
    after = size - frames.shape[1] - before
    return np.pad(frames, ((0, 0), (before, after), (before, after)))
