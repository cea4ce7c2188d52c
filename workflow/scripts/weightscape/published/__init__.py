"""Tables that WeightWatcher wrote before and after training, as Ba, Mancenido & Pan publish them."""
