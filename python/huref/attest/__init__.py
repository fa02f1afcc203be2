"""Attestations: a publisher's signature over a bundle and the files of a release.

A bundle says what was proved; an attestation says who publishes it for which files. Neither needs the other: the report
says which of *signed*, *verified* and *bound* hold. Bound means that the proof itself names the signer as its owner, so
the signer knew the weights.

    envelope    DSSE envelope in a Sigstore bundle: the file
    keys        the keys that sign
    kept        keys that never leave their place
    keyless     signing by an identity
    identity    signers with a certificate of Sigstore, in place of a key
    authorities time-stamp authorities that a verifier trusts, and their tokens
    stamping    asking such authorities
    dates       what their tokens show about a bundle
    given       what callers give of all this, in files
    release     the files of a release, and the root digest that model signing gives them
    statement   the in-toto statement about a bundle: subjects and predicate
    sbom        the model in a bill of materials
    card        a section of a model card, and a badge
    receipt     what a verifier says of a bundle that it has checked
    signing     making one
    checking    checking one, step by step
"""
