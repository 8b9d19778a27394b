"""The parts of the Kubernetes source; see :mod:`collectors.kubernetes`."""
