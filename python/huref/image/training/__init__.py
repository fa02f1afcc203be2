"""Training of a StyleGAN2 generator on portraits, in torch.

samples          random vectors and their portraits
discriminator    what judges images
loop             the losses and the steps
sheet            samples to look at
run              all of it in a folder, where an interrupted training goes on
"""
