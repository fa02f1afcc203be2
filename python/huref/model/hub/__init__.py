"""Models on the Hub (`hf:OWNER/NAME@REVISION`), read in part: configuration, headers, and the bytes that are asked for.

`snapshot` makes a folder that looks like a model's. Its weights are the pointers that Git LFS would leave, and
`huref.model.formats.file` reads through `remote` what stands behind them. Nothing is asked of the network but by
opening a name that begins with `hf:`.
"""
