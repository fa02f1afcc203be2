"""Files that hold tensors."""
