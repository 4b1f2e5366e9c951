"""Results as plots show them: for the window and for pictures alike."""
