"""Every command: `ivr X`, which is also `./run X`."""
