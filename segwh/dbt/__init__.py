"""From SQL trees to the files of a dbt project."""
