"""What a study would cost, before it runs."""
