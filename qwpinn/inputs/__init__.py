"""Inputs: what a caller hands over is checked here, and refused in one line.

You need this folder to check an argument of your own.

- `check`: numbers and arrays; `files`: their texts; `limits`: the most of everything;
- `names`: what a misspelt one may have meant; `numerals`: numbers as people write them;
- `frozen`: fields of a frozen dataclass; `formulas`: the values of a user's function.
"""
