"""What the documents show of the code, made by it: `make golden` writes it anew. Nothing here is part of the product."""
