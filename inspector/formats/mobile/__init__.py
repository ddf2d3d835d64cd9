"""Parts of phones' images and of mobile apps."""
