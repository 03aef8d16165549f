"""How well do we understand? Labelled sets, their telephone audio, scores and reports."""
