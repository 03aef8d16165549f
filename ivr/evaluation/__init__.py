"""How well do we understand? Labelled sets, their rendering to telephone audio, scores and reports."""
