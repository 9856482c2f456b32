/** Health check of the API's container: ends with 0 when the API answers. */
const url = `http://127.0.0.1:${process.argv[2] ?? 8080}/healthz`;
const response = await fetch(url, { signal: AbortSignal.timeout(10_000) }).catch((error) => ({
  ok: false,
  status: error,
}));
if (!response.ok) console.error(`${url}: ${response.status}`);
process.exit(response.ok ? 0 : 1);
