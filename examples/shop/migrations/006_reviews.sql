-- Expand only: nothing that version 1.2 reads or writes changes, so both can run side by side.
CREATE TABLE reviews (
  id TEXT PRIMARY KEY,
  sku TEXT NOT NULL REFERENCES products (sku),
  stars INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5),
  text TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

CREATE INDEX reviews_by_product ON reviews (sku, created_at);
