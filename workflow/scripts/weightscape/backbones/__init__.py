"""Sources of pre-trained weights, one module each; see `weightscape.backbone_source`."""
