"""What a document without a directive is about: a forward map put together from what its equations define."""
