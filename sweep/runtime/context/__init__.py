"""The run as its function sees it: state, epochs, snapshots at boundaries, going on."""
