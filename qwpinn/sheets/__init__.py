"""Sheets: tables and sentences as data, which the console, `print` and notebooks show alike.

You need this folder to change what is printed.

- `screen`: `Sheet`, `Grid`, `Line`; `digits`: those that an enclosure justifies.
"""
