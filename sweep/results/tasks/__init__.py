"""Settings that were run on several tasks, ranked over all of them."""
