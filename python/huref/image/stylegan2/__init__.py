"""StyleGAN2, the generator of the HuRef paper, from the papers that describe it.

design       sizes, and the tensors that follow from them
generator    the file of a generator
network      the forward pass, in torch
drawing      images of vectors, in double precision
checkpoint   public checkpoints, read without running any of their code
conversion   from their tensors to ours
"""
