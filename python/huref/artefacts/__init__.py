"""Everything that is written, published, stored or sent: one module for each kind of file.

Each has the value, the strict `parse`, `dump`, and its media type.
"""
