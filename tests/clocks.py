"""A clock that goes on while somebody waits for it."""


class Clock:
    """Time that goes on while somebody waits for it, and ends after so many waits."""

    def __init__(self, waits):
        self.now, self.waits = 0.0, waits

    def wait(self, seconds):
        self.now += seconds
        self.waits -= 1
        return self.waits < 0

    def __call__(self):
        return self.now
