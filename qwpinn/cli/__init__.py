"""The command line: what may be typed, what it does, and what is printed.

You need this folder to add a command or an option.

- `parser`: what may be typed; `targets`: a name or a file; `backup`: --resume;
- `commands`, `family_commands`: what each does; `tables`: what is printed.
"""
