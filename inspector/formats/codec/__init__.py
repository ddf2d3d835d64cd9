"""What containers pack with: compressors, filters and ciphers, decoding only."""
