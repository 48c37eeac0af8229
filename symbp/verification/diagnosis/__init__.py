"""Why a claim is wrong: edits of its tree, tried in floats and then decided, and other conventions that it is right by."""
