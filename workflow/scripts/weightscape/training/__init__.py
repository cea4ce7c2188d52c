"""Fine-tuning a backbone under one condition."""
