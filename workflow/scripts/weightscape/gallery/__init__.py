"""The pictures and the page of a checkpoint's spectra, as ``python -m weightscape spectra --plots`` writes them."""
