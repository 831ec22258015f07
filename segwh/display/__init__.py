"""Results as text: figures, the terminal, the progress of a run, and one module for each kind of result."""
