"""What happened, independent of any call. Law of this folder: data and pure functions only."""
