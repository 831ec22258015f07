"""Segments of other tools in, segments of this language out, with a list of whatever could not be carried over.

From front to back: found (what was read), subjects (names and types of the project), conditions (what tools have in common),
react_querybuilder, mautic, flagsmith (one reader a tool), importer (text to segments, checked against the project), written
(segments as YAML).
"""
