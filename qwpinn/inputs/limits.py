"""Limits: the most of everything that a file or a caller may ask for.

They keep a process below 1.5 GB, and refuse at once what would run for hours or exhaust the memory.
Each has its reason here; `at_most` says it in one line.
"""

# Levels that are found where nobody says how many, by whatever road.
USUAL_STATES = 3
# Levels of a solve: all of them are kept on all nodes, and their overlaps.
STATES = 10_000
# Those of a family, which has a network for each.
FAMILY_STATES = 50
# Units of a layer: the Ritz start holds eight matrices of five times their square, 1.5 GB in all.
UNITS = 1400
# The widest layer that is tried where the tolerance decides; it takes 2 GB.
WIDEST = 2000
# Hidden layers: each derivative of psi is traced through all of them.
HIDDEN = 10
# Weights that Levenberg-Marquardt trains: it holds a few matrices of their square.
WEIGHTS = 12_000
# Numbers of a Jacobian, rows times weights: its tapes hold several times as many.
JACOBIAN = 12_000_000
# Seeds of Keras and NumPy are 32 bits wide.
SEED = 2**32 - 1
# Nodes, epochs, members, rows: so many float64 columns of a few numbers each fit easily.
POINTS = 1_000_000
# Nodes of a solve, on which all states and units are evaluated at once.
NODES = 20_000
# The fewest of a family's: those of one panel.
LEAST_NODES = 12
# Members of a family, each of them built as a potential: milliseconds a member.
MEMBERS = 20_000
# Parameters of a family: its frame is a polynomial in all of them.
PARAMETERS = 8
# Values of a sweep, wells of a list: each is a solve of about a second.
VALUES = 10_000
# CPU seconds of one run of the bench.
BENCH_SECONDS = 3600
# Processes that solve side by side: each holds TensorFlow, 0.7 GB.
WORKERS = 256
# Complex numbers of an evolution that are made at once, times by positions or states: 320 MB.
EVOLVED = 20_000_000
# Frames of an animation, and the pixels of all of them: they are held as bytes, 1.2 GB.
FRAMES, PIXELS = 5_000, 400_000_000
# Positions at which psi is written to a table, all its digits as text.
GRID = 100_000
# Layers, and points where V is not smooth: each gets 64 cells of a profile, and nodes of its own.
BREAKPOINTS = 4_000
# Regions of a plane: each makes inputs of the network, and strips of the quadrature.
REGIONS = 30
# Samples of a table: splines through them take milliseconds, their description a few megabytes.
SAMPLES = 100_000
# Numbers of a table of polynomials: its description has twenty bytes for each.
COEFFICIENTS = 500_000
# Bytes of a table of samples, which is read line by line, and characters of one line.
TABLE_BYTES = 64_000_000
LINE = 1000
# Bytes of a description (JSON): parsed, a file may take fifty times its size.
BYTES = 16_000_000
# Bytes of one that people write (TOML), whose parser takes a second for a megabyte or two.
TOML_BYTES = 4_000_000


def at_most(name: str, count: int, limit: int, what: str = "", cure: str = "") -> int:
    """Returns a count, refused above its limit.

    Args:
        name: Of the argument, for the message.
        count: How many.
        limit: The most.
        what: What is counted, for the message. Defaults to none: the argument is the count.
        cure: What to do. Defaults to giving fewer.

    Raises:
        ValueError: If there are more.

    Example:
        >>> at_most("states", 3, STATES)
        3
    """
    if count > limit:
        # Of a number with hundreds of digits, its size says enough.
        shown = str(count) if count < 10**18 else "more than 10**18"
        counted = f" {what}" if what else ""
        found = f"{shown}{counted}" if what else f"{name}={shown}"
        verb = "hold at most" if what else "be at most"
        raise ValueError(
            f"`{name}` must {verb} {limit}{counted}. Received: {found}. "
            f"{cure or f'Give {limit} or fewer.'}"
        )
    return count
