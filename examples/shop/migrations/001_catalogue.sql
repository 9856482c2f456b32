CREATE TABLE products (
  sku TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  price_cents INTEGER NOT NULL CHECK (price_cents > 0),
  stock INTEGER NOT NULL CHECK (stock >= 0)
) STRICT;

INSERT INTO products (sku, name, price_cents, stock) VALUES
  ('anchor', 'Cast iron anchor', 12900, 1000000),
  ('bell', 'Brass ship''s bell', 4950, 1000000),
  ('compass', 'Pocket compass', 2490, 1000000),
  ('lantern', 'Storm lantern', 3490, 1000000),
  ('rope', 'Hemp rope, 20 m', 1890, 1000000),
  ('sextant', 'Signed sextant', 89900, 3);
