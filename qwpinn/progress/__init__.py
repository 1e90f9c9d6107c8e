"""Progress: how far a computation is, as bars in a terminal and as lines elsewhere.

You need this folder to show a new kind of work.

- `bars`: of enclosures, epochs and steps; `families`: of a family's training;
- `trace`: how the enclosures shrink; `heartbeat`: a line every ten seconds.
"""
