-- A table of its own rather than a column: version 1.0 goes on working beside it.
CREATE TABLE cancellations (
  order_id TEXT PRIMARY KEY REFERENCES orders (id),
  cancelled_at TEXT NOT NULL
) STRICT;
