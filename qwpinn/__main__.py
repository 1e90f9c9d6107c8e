"""Entry point of the command ``qwpinn`` and of ``python -m qwpinn``."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_start() -> Iterator[None]:
    """Hold back what TensorFlow's libraries write to stderr while they load.

    They do so before any log level is read. It is shown after all if loading fails.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.stderr.flush()
    terminal = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(terminal, held.read())
            raise
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)


def main() -> int:
    """Run the command line; returns its exit code."""
    with quiet_start():
        import tensorflow as tf

        from qwpinn import cli

        tf.config.list_physical_devices()
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
