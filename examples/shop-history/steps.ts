/** The shop's history up to now: three releases, and what waits for the next one. */
import type { Edit, Step } from './step.ts';

/** A unit test that a commit adds. */
function addsTest(file: string, title: string): Edit {
  return { file: `test/${file}.test.js`, adds: `\ntest('${title}'`, through: '\n});\n' };
}

/** A journey that a commit adds to the end-to-end tests. */
function addsJourney(title: string): Edit {
  return { file: 'ops/e2e', adds: `  async '${title}'`, through: '\n  },\n' };
}

export const STEPS: readonly Step[] = [
  {
    message: 'chore: start the shop',
    author: 'mira',
    date: '2025-02-03T09:12:00+01:00',
    creates: ['.gitignore', '.node-version', 'package.json', 'README.md', 'CHANGELOG.md'],
  },
  {
    message: 'feat(database): numbered migrations with a ledger (#1)',
    author: 'mira',
    date: '2025-02-05T14:40:00+01:00',
    creates: [
      'migrations/001_catalogue.sql',
      'src/database.js',
      'src/migrations.js',
      'test/migrations.test.js',
      'test/open-shop.js',
    ],
  },
  {
    message: 'feat(catalogue): products with prices and stock (#3)',
    author: 'jonas',
    date: '2025-02-10T11:05:00+01:00',
    creates: ['src/catalogue.js', 'src/http.js', 'test/catalogue.test.js'],
  },
  {
    message: 'feat(cart): carts that survive a restart (#4)',
    author: 'priya',
    date: '2025-02-14T16:22:00+01:00',
    creates: ['migrations/002_carts.sql', 'src/carts.js', 'test/carts.test.js'],
  },
  {
    message: 'feat(orders): checkout in one transaction (#5)',
    author: 'priya',
    date: '2025-02-21T10:31:00+01:00',
    creates: ['migrations/003_orders.sql', 'src/orders.js', 'test/orders.test.js'],
  },
  {
    message: 'feat(http): serve the catalogue, carts and orders (#6)',
    author: 'jonas',
    date: '2025-02-26T13:58:00+01:00',
    creates: ['bin/', 'src/routes.js', 'src/server.js', 'src/settings.js'],
  },
  {
    message:
      'test(server): mistakes that can be switched on (#7)\n\nA rollback that nobody has rehearsed does not work when it is needed.',
    author: 'tomas',
    date: '2025-03-03T09:47:00+01:00',
    creates: ['src/fault.js', 'src/inject-fault.js'],
    edits: [
      {
        file: 'src/server.js',
        adds: "import { FAULT, FAULT_ENVIRONMENT } from './fault.js';\n",
      },
      { file: 'src/server.js', adds: "import { createFault } from './inject-fault.js';\n" },
      {
        file: 'src/server.js',
        adds: '  const fault = createFault({ name: FAULT, environment: FAULT_ENVIRONMENT }, settings, db);\n  fault.onStart();\n',
      },
      { file: 'src/server.js', was: 'const healthy = true;', now: 'const healthy = fault.isHealthy();' },
      { file: 'src/server.js', adds: '      await fault.beforeRequest(url.pathname);\n' },
      {
        file: 'src/settings.js',
        adds: ' * @property {number | undefined} faultAfterSeconds see inject-fault.js\n',
      },
      { file: 'src/settings.js', adds: '    faultAfterSeconds: env.', through: 'undefined,\n' },
    ],
  },
  {
    message: "feat(metrics): requests, latency and orders in Prometheus' text format (#8)",
    author: 'tomas',
    date: '2025-03-07T15:19:00+01:00',
    creates: ['src/metrics.js', 'test/server.test.js'],
    edits: [
      { file: 'src/server.js', adds: "import { createMetrics } from './metrics.js';\n" },
      { file: 'src/server.js', adds: '  const metrics = createMetrics(settings);\n' },
      { file: 'src/server.js', adds: "    if (url.pathname === '/metrics') {", through: '\n    }\n' },
      {
        file: 'src/server.js',
        was: '    let routeName = url.pathname;\n',
        now: `    const startedAt = performance.now();
    let routeName = url.pathname;
    response.on('finish', () =>
      metrics.countRequest(routeName, response.statusCode, (performance.now() - startedAt) / 1000),
    );
`,
      },
      { file: 'src/server.js', was: 'parameters });', now: 'parameters, metrics });' },
      { file: 'src/routes.js', adds: ' * @property {{ countOrder: () => void }} metrics\n' },
      { file: 'src/routes.js', was: '({ db, request }) => {', now: '({ db, request, metrics }) => {' },
      { file: 'src/routes.js', adds: '      metrics.countOrder();\n' },
    ],
  },
  {
    message:
      'feat(ops): deploy into two slots behind a weighted proxy (#9)\n\nA supervisor owns the processes; the scripts only talk to it.',
    author: 'tomas',
    date: '2025-03-14T17:02:00+01:00',
    creates: [
      'ops/supervisor.js',
      'ops/supervisor/',
      'ops/lib/script.js',
      'ops/backup',
      'ops/deploy',
      'ops/measure',
      'ops/migrate',
      'ops/restore',
      'ops/rollback',
      'ops/status',
      'ops/traffic',
    ],
  },
  {
    message: 'test(ops): gates that test the packed artifact (#10)',
    author: 'priya',
    date: '2025-03-19T12:36:00+01:00',
    creates: [
      'ops/build',
      'ops/e2e',
      'ops/lib/artifact.js',
      'ops/lib/customer.js',
      'ops/lib/load.js',
      'ops/load',
      'ops/smoke',
      'ops/test',
      'ops/verify',
    ],
  },
  {
    message: 'docs(readme): say how a deployment goes by hand (#11)',
    author: 'mira',
    date: '2025-03-24T10:10:00+01:00',
    edits: [
      { file: 'README.md', was: ' update.\n', now: ' update. By hand:\n' },
      {
        file: 'README.md',
        adds: '\n```sh\nexport SHOP_SUPERVISOR=',
        through: '\n```\n',
      },
    ],
  },
  { message: 'chore(release): 1.0.0', author: 'mira', date: '2025-03-25T11:00:00+01:00', release: '1.0.0' },

  {
    message: 'feat(orders): cancel an order and put its items back into stock (#13)',
    author: 'priya',
    date: '2025-04-08T14:25:00+02:00',
    creates: ['migrations/004_cancellations.sql'],
    edits: [
      {
        file: 'src/orders.js',
        was: "status: 'placed',",
        now: "status: isCancelled(db, id) ? 'cancelled' : 'placed',",
      },
      { file: 'src/orders.js', adds: '\n/**\n * Cancels an order', through: '\n}\n' },
      {
        file: 'src/orders.js',
        adds: "\n/**\n * @param {import('node:sqlite').DatabaseSync} db\n * @param {string} id\n * @returns {boolean}",
        through: '\n}\n',
      },
      { file: 'src/routes.js', was: 'import { findOrder,', now: 'import { cancelOrder, findOrder,' },
      {
        file: 'src/routes.js',
        adds: "  {\n    method: 'POST',\n    path: '/orders/:id/cancel',",
        through: '\n  },\n',
      },
      addsTest('orders', 'puts the items of a cancelled order back into stock, once'),
      { file: 'test/orders.test.js', was: 'import { findOrder,', now: 'import { cancelOrder, findOrder,' },
      addsJourney('cancels, and puts back into stock'),
    ],
  },
  {
    message: 'fix(cart): refuse quantities that are not whole numbers (#14)\n\nFixes #12',
    author: 'jonas',
    date: '2025-04-15T09:33:00+02:00',
    edits: [
      { file: 'src/carts.js', adds: '!Number.isInteger(quantity) || ' },
      addsTest('carts', 'refuses quantities that are not whole numbers'),
    ],
  },
  {
    message: 'test(orders): a cart can be ordered once (#15)',
    author: 'jonas',
    date: '2025-04-22T16:48:00+02:00',
    edits: [addsTest('orders', 'orders a cart once')],
  },
  {
    message:
      'fix(http): answer a body that is too large instead of resetting the connection (#16)\n\nThe client now sees 413.',
    author: 'tomas',
    date: '2025-04-29T11:20:00+02:00',
    edits: [
      {
        file: 'src/http.js',
        was: '    if (size > BODY_LIMIT_BYTES) request.destroy();\n    chunks.push(chunk);\n  }\n',
        now: `    // The rest is still read, so that the client sees the answer and not a reset connection.
    if (size <= BODY_LIMIT_BYTES) chunks.push(chunk);
  }
  if (size > BODY_LIMIT_BYTES) throw customerError(413, \`A body has at most \${BODY_LIMIT_BYTES} bytes.\`);
`,
      },
      addsTest('server', 'answers a body that is too large with 413'),
    ],
  },
  {
    message: 'docs(readme): list the requests that the shop answers (#17)',
    author: 'mira',
    date: '2025-05-06T10:02:00+02:00',
    edits: [{ file: 'README.md', adds: '| request ', through: '\n\n' }],
  },
  {
    message: 'test(ops): profile the packed artifact (#18)',
    author: 'priya',
    date: '2025-05-13T13:14:00+02:00',
    creates: ['ops/profile'],
    edits: [{ file: 'README.md', was: '`e2e`, `load`.', now: '`e2e`, `load`, `profile`.' }],
  },
  { message: 'chore(release): 1.1.0', author: 'mira', date: '2025-05-20T11:00:00+02:00', release: '1.1.0' },

  {
    message: 'feat(orders): a checkout that is sent twice places one order (#21)',
    author: 'priya',
    date: '2025-06-03T15:41:00+02:00',
    creates: ['migrations/005_idempotency_keys.sql'],
    edits: [
      {
        file: 'src/orders.js',
        was: 'email: unknown }} checkout\n',
        now: "email: unknown, idempotencyKey?: string | undefined }} checkout a second checkout with the same\n *   key returns the first one's order\n",
      },
      { file: 'src/orders.js', was: 'cart: cartId, email }', now: 'cart: cartId, email, idempotencyKey }' },
      { file: 'src/orders.js', adds: '    if (idempotencyKey) {', through: '\n    }\n' },
      { file: 'src/orders.js', adds: '    if (idempotencyKey)\n', through: ';\n' },
      {
        file: 'src/routes.js',
        was: '      const order = placeOrder(db, { cart, email });\n',
        now: `      const key = request.headers['idempotency-key'];
      const order = placeOrder(db, {
        cart,
        email,
        idempotencyKey: key ? String(key).slice(0, 200) : undefined,
      });
`,
      },
      addsTest('orders', 'returns the first order when a checkout is sent twice'),
      addsJourney('places one order when a checkout is sent twice'),
    ],
  },
  {
    message: 'feat(catalogue): page through the products (#22)',
    author: 'jonas',
    date: '2025-06-11T09:55:00+02:00',
    edits: [
      { file: 'src/catalogue.js', adds: '/** More products than this', through: '\n\n' },
      { file: 'src/catalogue.js', adds: ' * @param {{ limit?: number, offset?: number }} [page]\n' },
      {
        file: 'src/catalogue.js',
        was: 'listProducts(db) {\n',
        now: `listProducts(db, { limit = LARGEST_PAGE, offset = 0 } = {}) {
  if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_PAGE)
    throw customerError(400, \`limit has to be a whole number from 1 to \${LARGEST_PAGE}.\`);
  if (!Number.isInteger(offset) || offset < 0)
    throw customerError(400, 'offset has to be a whole number from 0.');
`,
      },
      {
        file: 'src/catalogue.js',
        was: 'ORDER BY sku`)\n      .all()',
        now: 'ORDER BY sku LIMIT ? OFFSET ?`)\n      .all(limit, offset)',
      },
      {
        file: 'src/routes.js',
        was: `({ db }) => ({
  body: { products: listProducts(db) },
});`,
        now: `({ db, query }) => ({
  body: {
    products: listProducts(db, {
      ...(query.has('limit') && { limit: Number(query.get('limit')) }),
      ...(query.has('offset') && { offset: Number(query.get('offset')) }),
    }),
  },
});`,
      },
      { file: 'README.md', was: '`GET /products`,', now: '`GET /products?limit=&offset=`,' },
      addsTest('catalogue', 'pages through the products'),
      {
        file: 'ops/e2e',
        was: "'/products'), 200, 'list'",
        now: "'/products?limit=1&offset=3'), 200, 'list'",
      },
      { file: 'ops/e2e', was: 'products[3]?.sku', now: 'products[0]?.sku' },
    ],
  },
  {
    message: 'perf(database): readers no longer wait for writers (#23)',
    author: 'tomas',
    date: '2025-06-18T17:30:00+02:00',
    edits: [
      {
        file: 'src/database.js',
        adds: "  db.exec('PRAGMA journal_mode = WAL');\n  db.exec('PRAGMA synchronous = NORMAL');\n",
      },
    ],
  },
  {
    message: 'fix(metrics): unknown paths no longer make series of their own (#25)\n\nFixes #24',
    author: 'tomas',
    date: '2025-06-26T10:44:00+02:00',
    edits: [
      { file: 'src/server.js', was: 'let routeName = url.pathname;', now: "let routeName = 'unknown';" },
      addsTest('server', 'counts all unknown paths as one'),
    ],
  },
  {
    message: 'ci: run the tests on every pull request (#26)',
    author: 'mira',
    date: '2025-07-02T12:00:00+02:00',
    creates: ['.github/'],
  },
  {
    message: 'fix(orders): an empty cart can no longer be ordered (#27)',
    author: 'priya',
    date: '2025-07-09T14:17:00+02:00',
    edits: [
      {
        file: 'src/orders.js',
        adds: "    if (cart.items.length === 0) throw customerError(409, 'The cart is empty.');\n",
      },
      addsTest('orders', 'refuses to order an empty cart'),
    ],
  },
  { message: 'chore(release): 1.2.0', author: 'mira', date: '2025-07-15T11:00:00+02:00', release: '1.2.0' },

  {
    message: 'feat(catalogue): search products by name (#30)',
    author: 'jonas',
    date: '2025-08-04T11:26:00+02:00',
    edits: [
      {
        file: 'src/catalogue.js',
        was: 'offset?: number }} [page]',
        now: 'offset?: number, search?: string }} [page]',
      },
      { file: 'src/catalogue.js', was: 'offset = 0 } = {}', now: "offset = 0, search = '' } = {}" },
      {
        file: 'src/catalogue.js',
        was: `  return /** @type {any} */ (
    db
      .prepare(\`SELECT \${COLUMNS} FROM products ORDER BY sku LIMIT ? OFFSET ?\`)
      .all(limit, offset)
  );`,
        now: `  // instr, not LIKE: a customer's % and _ are letters like any other.
  return /** @type {any} */ (
    db
      .prepare(
        \`SELECT \${COLUMNS} FROM products WHERE instr(lower(name), lower(?)) > 0 ORDER BY sku LIMIT ? OFFSET ?\`,
      )
      .all(search, limit, offset)
  );`,
      },
      { file: 'src/routes.js', adds: "      search: query.get('q') ?? '',\n" },
      { file: 'README.md', was: '/products?limit=', now: '/products?q=&limit=' },
      addsTest('catalogue', 'searches names without regard to case'),
      {
        file: 'ops/e2e',
        was: "'/products?limit=1&offset=3'), 200, 'list'",
        now: "'/products?q=LAN&limit=1'), 200, 'search'",
      },
    ],
  },
  {
    message: 'test(catalogue): a percent sign in a search is a letter (#31)',
    author: 'priya',
    date: '2025-08-06T09:13:00+02:00',
    edits: [addsTest('catalogue', 'takes a percent sign in a search for what it is')],
  },
  {
    message: 'perf(catalogue): let clients keep the product list for a minute (#32)',
    author: 'tomas',
    date: '2025-08-11T16:05:00+02:00',
    edits: [
      {
        file: 'src/routes.js',
        was: 'const products = ({ db, query }) => ({\n',
        now: "const products = ({ db, query }) => ({\n  headers: { 'cache-control': 'max-age=60' },\n",
      },
    ],
  },
  {
    message: 'fix(orders): keep e-mail addresses in lower case (#33)\n\nFixes #29',
    author: 'priya',
    date: '2025-08-14T13:37:00+02:00',
    edits: [
      { file: 'src/orders.js', was: '      email,\n', now: '      email.toLowerCase(),\n' },
      addsTest('orders', 'keeps e-mail addresses in lower case'),
    ],
  },
  {
    message: 'docs(readme): why migrations only ever add (#34)',
    author: 'mira',
    date: '2025-08-19T10:51:00+02:00',
    edits: [
      {
        file: 'README.md',
        was: '| numbered SQL ',
        now: '| numbered SQL; only ever adds, so that two versions can run beside each other ',
      },
    ],
  },
  {
    message:
      'revert: perf(catalogue): let clients keep the product list for a minute (#35)\n\n' +
      'This reverts commit {reverted}.\n\nCustomers put things into their cart that were sold out by then.',
    author: 'tomas',
    date: '2025-08-21T08:58:00+02:00',
    reverts: 'perf(catalogue): let clients keep the product list for a minute (#32)',
  },
  {
    message:
      'feat(reviews): customers can review a product (#36)\n\n' +
      'Stars and a text; the newest come first.\n\nCo-authored-by: Jonas Lindqvist <jonas@shop.example>',
    author: 'priya',
    date: '2025-08-28T15:22:00+02:00',
    creates: ['migrations/006_reviews.sql', 'src/reviews.js', 'test/reviews.test.js'],
    edits: [
      { file: 'src/routes.js', adds: "import { addReview, listReviews } from './reviews.js';\n" },
      {
        file: 'src/routes.js',
        adds: "  {\n    method: 'GET',\n    path: '/products/:sku/reviews',",
        through: '\n  },\n',
      },
      {
        file: 'src/routes.js',
        adds: "  {\n    method: 'POST',\n    path: '/products/:sku/reviews',",
        through: '\n  },\n',
      },
      { file: 'README.md', adds: '| `GET`/`POST /products/:sku/reviews`', through: '\n' },
      {
        file: 'README.md',
        was: 'a catalogue, carts and orders, kept',
        now: 'a catalogue, carts, orders and reviews, kept',
      },
      {
        file: 'package.json',
        was: 'catalogue, carts and orders over HTTP',
        now: 'catalogue, carts, orders and reviews over HTTP',
      },
      addsJourney('collects reviews'),
    ],
  },
  {
    message: 'build(deps): bump node from 24.9.0 to 24.10.0 (#37)',
    author: 'bot',
    date: '2025-10-09T04:00:00Z',
    edits: [{ file: '.node-version', was: '24.9.0', now: '24.10.0' }],
  },
  {
    message:
      'feat(http): deprecate GET /items in favour of GET /products (#38)\n\n' +
      'Every answer says so in its Deprecation header.\n\n' +
      'DEPRECATED: GET /items goes away with 2.0; use GET /products, which answers the same.',
    author: 'jonas',
    date: '2025-10-10T11:11:00+02:00',
    edits: [
      {
        file: 'src/routes.js',
        was: "  { method: 'GET', path: '/items', handle: products },\n",
        now: `  {
    method: 'GET',
    path: '/items',
    // The name of version 1.0. It goes away with 2.0; until then it says so in every answer.
    handle: (call) => ({
      ...products(call),
      headers: { deprecation: '@1756684800', link: '</products>; rel="successor-version"' },
    }),
  },
`,
      },
      addsTest('server', 'says that /items is deprecated'),
    ],
  },
  {
    message: 'fix(cart): refuse more than 999 of one product (#39)',
    author: 'priya',
    date: '2025-10-13T14:46:00+02:00',
    edits: [
      { file: 'src/carts.js', adds: '/** Nobody orders more than this', through: '\n\n' },
      { file: 'src/carts.js', adds: ' || Number(quantity) > LARGEST_QUANTITY' },
      {
        file: 'src/carts.js',
        was: "'quantity has to be a whole number from 0.'",
        now: `\`quantity has to be a whole number from 0 to \${LARGEST_QUANTITY}.\``,
      },
      addsTest('carts', 'refuses more than 999 of one product'),
    ],
  },
  {
    message: 'feat(metrics): how full the memory is (#40)',
    author: 'tomas',
    date: '2025-10-14T10:28:00+02:00',
    edits: [
      { file: 'src/metrics.js', adds: '      const saturation = ', through: ';\n' },
      { file: 'src/metrics.js', adds: "        '# HELP shop_saturation_ratio", through: 'toFixed(4)}`,\n' },
      { file: 'src/settings.js', adds: ' * @property {number} memoryLimitMb', through: '\n' },
      { file: 'src/settings.js', adds: '    memoryLimitMb: ', through: '\n' },
    ],
  },
  {
    message: 'feat(ops): measure saturation without Prometheus too (#41)',
    author: 'tomas',
    date: '2025-10-15T16:39:00+02:00',
    edits: [
      { file: 'ops/measure', was: '|orders [', now: '|orders|saturation [' },
      { file: 'ops/measure', adds: '    saturation: async', through: '\n' },
      { file: 'ops/measure', was: 'p99 or orders', now: 'p99, orders or saturation' },
      { file: 'ops/measure', adds: '\n/**\n * The fullest instance', through: '\n}\n' },
    ],
  },
  {
    message: 'refactor(http): say in one place who answers (#42)',
    author: 'jonas',
    date: '2025-10-16T09:20:00+02:00',
    edits: [
      { file: 'src/server.js', adds: '  const identity = {', through: '\n' },
      {
        file: 'src/server.js',
        was: '        version: settings.version,\n        slot: settings.slot,\n        instance: settings.instance,\n',
        now: '        ...identity,\n',
      },
      {
        file: 'src/server.js',
        was: `sendJson(response, 200, {
        version: settings.version,
        slot: settings.slot,
        instance: settings.instance,
      });`,
        now: 'sendJson(response, 200, identity);',
      },
    ],
  },
  {
    message: 'test(e2e): walk through mistakes as well (#43)',
    author: 'priya',
    date: '2025-10-17T13:03:00+02:00',
    edits: [addsJourney('answers mistakes with what is wrong')],
  },
  {
    message: 'fix(http): a stop no longer waits for idle connections (#44)',
    author: 'tomas',
    date: '2025-10-20T11:52:00+02:00',
    edits: [{ file: 'src/server.js', adds: '      server.closeIdleConnections();\n' }],
  },
  {
    message: 'chore(git): ignore packed artifacts (#45)',
    author: 'jonas',
    date: '2025-10-21T15:34:00+02:00',
    edits: [{ file: '.gitignore', adds: '*.tgz\n' }],
  },
  {
    message: 'fix(reviews): a text of nothing but blanks is no review (#47)\n\nFixes #46',
    author: 'priya',
    date: '2025-10-22T10:07:00+02:00',
    edits: [
      { file: 'src/reviews.js', was: "text === ''", now: "text.trim() === ''" },
      { file: 'test/reviews.test.js', was: "text: '' })", now: "text: ' ' })" },
    ],
  },
  {
    message: 'ci: test on the oldest node that is supported, too (#48)',
    author: 'mira',
    date: '2025-10-23T12:45:00+02:00',
    edits: [{ file: '.github/workflows/test.yml', was: '[24.x]', now: '[22.x, 24.x]' }],
  },
  {
    message: 'fix(ops): a slot keeps its address when the supervisor starts again (#49)',
    author: 'tomas',
    date: '2025-10-24T09:41:00+02:00',
    edits: [
      {
        file: 'ops/supervisor/environment.js',
        was: '    const proxy = await startProxy(routeTo(slot), { port: 0 });\n',
        now: `    // A slot keeps its port over restarts, so that a URL that was handed out stays good.
    const proxy = await startProxy(routeTo(slot), { port: state.slots[slot].port }).catch(() =>
      startProxy(routeTo(slot), { port: 0 }),
    );
`,
      },
    ],
  },
  {
    message: 'fix(http): keep idle connections longer than the proxy does (#50)',
    author: 'tomas',
    date: '2025-10-27T14:29:00+01:00',
    edits: [{ file: 'src/server.js', adds: '  // Longer than any proxy', through: '65_000;\n' }],
  },
];
