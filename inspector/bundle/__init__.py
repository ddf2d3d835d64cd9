"""Evidence bundles: a profile with its reports, hashed and signed; and the check of such a bundle by somebody else."""
