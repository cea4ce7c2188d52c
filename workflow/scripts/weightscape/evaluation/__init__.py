"""How good the fine-tuned networks are: accuracy, likelihood and calibration of their logits."""
