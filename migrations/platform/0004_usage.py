"""What tenants use: growing totals of each source, and how much there is of what, day by day.

Versions that do not know these tables leave them alone.
"""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute(
        """
-- Nothing refers to tenants: usage without a tenant is counted too, and bills outlive whom they were sent to.
CREATE TABLE platform.usage_counters (
  tenant_id uuid NOT NULL, hour timestamptz NOT NULL, meter varchar(40) NOT NULL, source uuid NOT NULL,
  total bigint NOT NULL,
  CONSTRAINT pk_usage_counters PRIMARY KEY (tenant_id, hour, meter, source))
  WITH (fillfactor = 80);
CREATE INDEX ix_usage_counters_source ON platform.usage_counters (source);

CREATE TABLE platform.usage_levels (
  tenant_id uuid NOT NULL, day date NOT NULL, meter varchar(40) NOT NULL, level bigint NOT NULL,
  counted_at timestamptz NOT NULL,
  CONSTRAINT pk_usage_levels PRIMARY KEY (tenant_id, day, meter));

CREATE TABLE platform.usage_sources (
  id uuid CONSTRAINT pk_usage_sources PRIMARY KEY, created_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL, ended_at timestamptz, folded_at timestamptz);
CREATE INDEX ix_usage_sources_ended_at ON platform.usage_sources (ended_at) WHERE folded_at IS NULL;
"""
    )
