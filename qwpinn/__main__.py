"""Entry point of the command ``qwpinn`` and of ``python -m qwpinn``."""

from __future__ import annotations

import sys

from qwpinn.cli import parser


def main() -> int:
    """Run the command line; returns its exit code."""
    return parser.main()


if __name__ == "__main__":
    sys.exit(main())
