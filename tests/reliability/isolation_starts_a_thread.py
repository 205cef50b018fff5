"""A module whose import starts a thread."""

import threading
import time

threading.Thread(target=time.sleep, args=(600,), daemon=True).start()


def train() -> None:
    print("threads", threading.active_count())
