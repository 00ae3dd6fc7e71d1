"""The only package that runs git; it returns model values and translates every failure once."""
