"""Problems of the user's own: tensors, a forward map in any of the languages, a loss, and what is given of the inputs."""
