"""Where the runs of a launch execute: one site a file, all behind the protocol in `base`, chosen in `choose`."""
