"""What computes, in the order of the work: tokens, quantise, commit, sketch, encode, prove. No stage knows a format."""
