"""What we do: one emergency, one file. No Python knows their names.

Law of this folder: given texts, returns checked frozen data; never opens a file.
"""
