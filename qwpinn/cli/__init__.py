"""The command line: what may be typed, what it does, and what is printed.

You need this folder to add a command or an option.

- `parser`: `main`; `options`, `typed`: what may be typed; `targets`: a name or a file;
- `jobs`, `family_jobs`, `evolve_jobs`, `bench_jobs`: what is asked, read and checked before
  TensorFlow is loaded;
- `commands`, `family_commands`, `evolve_commands`, `bench_commands`: what each does; `tables`: what
  is printed;
- `backup`: --resume; `kept`: what it goes on from.
"""
