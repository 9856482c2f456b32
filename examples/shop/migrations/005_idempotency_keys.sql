CREATE TABLE idempotency_keys (
  key TEXT PRIMARY KEY,
  order_id TEXT NOT NULL REFERENCES orders (id)
) STRICT;
