"""What several corruptions are made of: kernels of blurs, shifted pixels, cloudy textures.

Lengths are in pixels, images are float64 of shape (H, W, C).
"""

import numpy as np

REFERENCE_SIDE = 224
"""Side of the images that the constants of ImageNet-C are for; all lengths are scaled by an image's own."""


def line_kernel(length: float, sigma: float, angle: float) -> np.ndarray:
    """Return the kernel of a motion: half a Gaussian along a line of some length, as ImageMagick's motion blur has it.

    Parameters
    ----------
    length, sigma
        Of the line, and the standard deviation of the Gaussian.
    angle
        Of the line, in radians.
    """
    along = np.linspace(0, length, 65)
    weights = np.exp(-0.5 * (along / sigma) ** 2)
    return _kernel(np.outer(along, [np.sin(angle), np.cos(angle)]), weights)


def disk_kernel(radius: float) -> np.ndarray:
    """Return the kernel of a lens that is out of focus: a disk."""
    line = np.linspace(-radius, radius, 41)
    offsets = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    offsets = offsets[(offsets**2).sum(axis=1) <= radius**2]
    return _kernel(offsets, np.ones(len(offsets)))


def _kernel(offsets: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the kernel of weighted shifts, each shared among the four nearest pixels: a sum of 1, an odd side.

    So a shift by a part of a pixel counts, and kernels grow smoothly with their length.
    """
    half = int(np.ceil(np.abs(offsets).max())) + 1
    kernel = np.zeros((2 * half + 1, 2 * half + 1))
    whole = np.floor(offsets).astype(int)
    part = offsets - whole
    for row in (0, 1):
        for column in (0, 1):
            share = np.abs(1 - row - part[:, 0]) * np.abs(1 - column - part[:, 1])
            np.add.at(kernel, (half + whole[:, 0] + row, half + whole[:, 1] + column), weights * share)
    return kernel / kernel.sum()


def convolve(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Return an image convolved with a kernel; beyond its edge it is mirrored."""
    from scipy.signal import oaconvolve

    half = len(kernel) // 2
    padded = np.pad(image, ((half, half), (half, half), (0, 0)), mode="symmetric")
    return oaconvolve(padded, kernel[..., None], mode="valid", axes=(0, 1))


def shift_pixels(image: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """Return an image whose pixels are taken from other places, bilinear; beyond its edge it is mirrored.

    Parameters
    ----------
    image
        Shape (H, W, C).
    shifts
        Shape (2, H, W): how far down and to the right each pixel's origin is.
    """
    from scipy import ndimage

    places = np.indices(image.shape[:2]) + shifts
    channels = [
        ndimage.map_coordinates(channel, places, order=1, mode="reflect") for channel in np.moveaxis(image, 2, 0)
    ]
    return np.stack(channels, axis=2)


def plasma(side: int, decay: float, rng: np.random.Generator) -> np.ndarray:
    """Return a cloudy texture in [0, 1], shape (side, side): a sum of random fields, each twice as fine as the last.

    Parameters
    ----------
    side
        Of the texture, in pixels.
    decay
        Amplitudes fall by its square from one field to the next, as in the diamond-square fractal of ImageNet-C; a
        smaller one gives finer clouds. It does not change which random numbers are drawn.
    rng
        The random numbers.
    """
    texture = np.zeros((side, side))
    points, amplitude = 2, 1.0
    while points < side:
        texture += amplitude * enlarge(rng.uniform(-1, 1, (points + 1, points + 1)), side)
        points, amplitude = 2 * points, amplitude / decay**2
    texture -= texture.min()
    return texture / texture.max()


def enlarge(field: np.ndarray, side: int) -> np.ndarray:
    """Return a square field at another side, bilinear, its corners in the corners."""
    places = np.linspace(0, len(field) - 1, side)
    weights = np.maximum(0, 1 - np.abs(places[:, None] - np.arange(len(field))))
    return weights @ field @ weights.T
