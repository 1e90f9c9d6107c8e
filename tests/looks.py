"""A clock that counts looks in the place of seconds."""

from qwpinn.bench.clock import Clock


class Counted(Clock):
    """Each look is taken down, and so many are the budget."""

    def __init__(self, looks, x):
        super().__init__(1.0, x)
        self.looks = looks

    @property
    def passed(self):
        return len(self.steps) / self.looks

    def look(self, steps, answer):
        self.end(steps, answer)
        return self.over
