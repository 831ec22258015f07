"""The naive second opinion: rows and bound rules in, members out; no plan, no SQL.

In the order of flow: windows (bounds to instants), values (cells to values), records (rows that exist), predicates (tests of
values), measures and sequences (an entity's rows), traits (formulas and scores), people (conditions on entities),
evaluate (segments).
"""
