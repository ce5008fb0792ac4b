"""Which open page saved a draft last, so that an older one never overwrites it; what a teller said of a name's eligibility goes.

Entries of confirmed forms and the expected number of an opened meeting stay as they are.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

GUARDS = {
    "sqlite": (
        "CREATE TRIGGER form_entry_confirmed_update BEFORE UPDATE ON form_entry WHEN EXISTS (SELECT 1 FROM count_form f WHERE f.id = OLD.form_id AND f.state = 'confirmed') BEGIN SELECT RAISE(ABORT, 'an entry of a confirmed form is never changed'); END",
        "CREATE TRIGGER form_entry_confirmed_delete BEFORE DELETE ON form_entry WHEN EXISTS (SELECT 1 FROM count_form f WHERE f.id = OLD.form_id AND f.state = 'confirmed') BEGIN SELECT RAISE(ABORT, 'an entry of a confirmed form is never changed'); END",
        "CREATE TRIGGER meeting_expected_update BEFORE UPDATE ON meeting WHEN OLD.expected IS NOT NULL AND (NEW.expected IS NULL OR NEW.expected <> OLD.expected) BEGIN SELECT RAISE(ABORT, 'the expected number of an opened meeting is never changed'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION form_entry_confirmed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF EXISTS (SELECT 1 FROM count_form f WHERE f.id = OLD.form_id AND f.state = 'confirmed') THEN RAISE EXCEPTION 'an entry of a confirmed form is never changed'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER form_entry_confirmed BEFORE UPDATE OR DELETE ON form_entry FOR EACH ROW EXECUTE FUNCTION form_entry_confirmed()",
        "CREATE FUNCTION meeting_expected() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.expected IS NOT NULL AND (NEW.expected IS NULL OR NEW.expected <> OLD.expected) THEN RAISE EXCEPTION 'the expected number of an opened meeting is never changed'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER meeting_expected BEFORE UPDATE ON meeting FOR EACH ROW EXECUTE FUNCTION meeting_expected()",
    ),
}


def upgrade() -> None:
    with op.batch_alter_table("form_entry") as table:
        table.add_column(sa.Column("page", sa.String(32), nullable=False, server_default=""))
    with op.batch_alter_table("form_entry") as table:
        table.alter_column("page", server_default=None)
    entries = sa.table("form_entry", sa.column("id"), sa.column("contents", sa.JSON))
    connection = op.get_bind()
    for entry_id, contents in connection.execute(sa.select(entries.c.id, entries.c.contents)).all():
        if _without_eligible(contents):
            connection.execute(entries.update().where(entries.c.id == entry_id).values(contents=contents))
    for statement in GUARDS[connection.dialect.name]:
        op.execute(statement)


def _without_eligible(contents: dict[str, Any]) -> bool:
    """Whether anything was taken out."""
    rows = [row for section in contents.get("sections", {}).values() for row in section.get("write_ins", ())]
    had = [row for row in rows if "eligible" in row]
    for row in had:
        del row["eligible"]
    return bool(had)
