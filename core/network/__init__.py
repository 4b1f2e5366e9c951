"""Dense networks: activations, initializers, layers, loss, and what is measured in them."""
