"""One live call. The session owns the dialog; everything else talks to it through its inbox."""
