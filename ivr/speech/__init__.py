"""Ears and voice: recognisers and synthesizers behind one port each, and the voice pack.

The law of this folder: audio goes in or out as 8000 Hz mono, 16-bit samples or mu-law; each
engine's library is imported in one file; nothing here knows calls, telephones or incidents'
meaning. What is said and how it is said is data under `prompts/`.
"""
