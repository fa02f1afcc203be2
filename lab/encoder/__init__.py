"""How encoder `cnn` was made and what it is worth; a fingerprint needs none of this.

synthetic   sketches of models that never existed
train       contrastive and adversarial training (PyTorch); export brings the result to integers
measure     what it keeps, how wide its null is, whether its outputs are Gaussian
both        encoders linear and cnn beside each other
"""
