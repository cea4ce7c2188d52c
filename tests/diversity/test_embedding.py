import numpy as np
import timm
import torch

from weightscape.diversity.embedding import embed
from weightscape.images import to_batch


def test_features_are_those_of_the_backbone_without_classifier():
    torch.manual_seed(0)
    model = timm.create_model("resnet10t", pretrained=False, num_classes=0)
    images = np.random.default_rng(0).integers(0, 256, (5, 16, 16, 3), dtype=np.uint8)
    features = embed(model, images, (0.5,) * 3, (0.5,) * 3, 32, batch_size=2)
    assert features.shape == (5, model.num_features)
    assert features.dtype == np.float32
    with torch.no_grad():
        expected = model.eval()(to_batch(images, (0.5,) * 3, (0.5,) * 3, 32)).numpy()
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-5)
