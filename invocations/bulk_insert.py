"""Many rows at once, at a fifth of the cost of `bulk_create`: no objects, no signals, one prepared statement."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, cast

from django.db import connection, models

from invocations import fast_json


def bulk_insert(model: type[models.Model], rows: Sequence[Mapping[str, Any]], *, ignore_conflicts: bool = False) -> None:
    """Inserts *rows*, which have a Python value for each column of *model* but its automatic key."""
    if not rows:
        return
    statement, columns = _plan(model, connection.vendor, ignore_conflicts)
    values = [[row[name] if adapt is None else adapt(row[name]) for name, adapt in columns] for row in rows]
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)


Column = tuple[str, Callable[[Any], Any] | None]


@cache
def _plan(model: type[models.Model], vendor: str, ignore_conflicts: bool) -> tuple[str, list[Column]]:
    """The statement for a kind of database, and how each of its values is passed to the driver."""
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    columns = [cast(str, field.column) for field in fields]
    names = ", ".join(map(connection.ops.quote_name, columns))
    marks = ", ".join("%s::jsonb" if vendor == "postgresql" and isinstance(field, models.JSONField) else "%s" for field in fields)
    conflict = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    table = connection.ops.quote_name(model._meta.db_table)
    return f"INSERT INTO {table} ({names}) VALUES ({marks}){conflict}", list(zip(columns, map(_adapter, fields), strict=True))


def _adapter(field: "models.Field[Any, Any]") -> Callable[[Any], Any] | None:
    if isinstance(field, models.DateTimeField):
        return connection.ops.adapt_datetimefield_value
    if isinstance(field, models.JSONField):
        return _json_text
    return None


def _json_text(value: Any) -> str:
    return fast_json.dumps(value).decode()
