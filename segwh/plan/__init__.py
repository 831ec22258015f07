"""The logical plan and its passes."""
