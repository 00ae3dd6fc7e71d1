"""The only package that runs git or imports pygit2; it returns model values and translates every failure once."""
