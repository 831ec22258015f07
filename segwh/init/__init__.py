"""`segwh init`: a dbt project in, a proposed catalog, an example segment and settings beside it out.

inspect     the tables of the project, with the columns that the warehouse or the manifest knows
propose     which of them hold entities, events and other rows
text        the files as text
setup       the command: look, propose, check, write
"""
