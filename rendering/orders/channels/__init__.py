"""Channel profiles at work: adding and copying them, their versions, and which products are ready for them."""
