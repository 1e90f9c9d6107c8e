"""Storage: folders and files that are written whole or not at all, and what stands in them.

You need this folder to write a file of a new kind.

- `places`: locks, drafts, and the exchange of old for new;
- `plain`: values that JSON can hold; `contents`: what lies in a folder of results; `runs`: what a
  command says of itself beside them.
"""
