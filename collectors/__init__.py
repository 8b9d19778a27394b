"""One module per source of evidence, all with the same small interface; see :mod:`collectors.interface`."""
