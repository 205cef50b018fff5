"""Where runs execute: one engine a file, all behind the protocol in `base`."""
