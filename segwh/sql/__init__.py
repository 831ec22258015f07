"""Logical plans to sqlglot trees and text of one dialect."""
