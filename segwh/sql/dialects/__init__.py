"""One short file a dialect; DIALECTS holds them by name."""

from segwh.sql.dialects.base import SqlDialect
from segwh.sql.dialects.bigquery import BIGQUERY
from segwh.sql.dialects.clickhouse import CLICKHOUSE
from segwh.sql.dialects.databend import DATABEND
from segwh.sql.dialects.duckdb import DUCKDB
from segwh.sql.dialects.postgres import POSTGRES
from segwh.sql.dialects.redshift import REDSHIFT
from segwh.sql.dialects.snowflake import SNOWFLAKE
from segwh.sql.dialects.spark import DATABRICKS, SPARK
from segwh.sql.dialects.trino import ATHENA, TRINO
from segwh.sql.dialects.tsql import FABRIC, TSQL

_ALL = (
    *(DUCKDB, POSTGRES, CLICKHOUSE, SPARK, DATABRICKS, BIGQUERY),
    *(SNOWFLAKE, REDSHIFT, TRINO, ATHENA, TSQL, FABRIC, DATABEND),
)
DIALECTS = {dialect.name: dialect for dialect in _ALL}


def dialect_named(name: str) -> SqlDialect:
    """The dialect for a dbt adapter of that name. Raises KeyError for one that is not supported."""
    return DIALECTS[name]


__all__ = ["DIALECTS", "DUCKDB", "POSTGRES", "SqlDialect", "dialect_named"]
