"""segwh compiles customer segment rules into a dbt project that runs inside the customer's own warehouse.

The floors, from the ground up; a floor imports only lower ones:

0. source, diagnostics, types     text with spans, messages with codes and carets, data types
1. semantics                      time: durations, bounds, intervals, the local calendar
2. catalog                        what the warehouse holds
3. rules                          what the user wrote, names unresolved
4. ir, resolve                    what it means: bound, typed, acyclic
5. plan | reference               the logical plan, and beside it the naive second opinion
6. sql                            trees and text of one dialect
7. dbt                            models, macros, schema files, the writer
8. project                        the pipeline in one screen
9. warehouse, run, preview, ...   what is asked of a warehouse
10. cli                           options in, one call, text out
"""

__version__ = "0.1.0"
