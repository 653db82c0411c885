// A caller's first day with a generated client. It compiles only while these uses and the OpenAPI document agree, and runs only while the document and the app do.
import assert from "node:assert/strict";
import { answered, clientOf, refused, type Customer, type NewCustomer } from "./client.js";

const [url, adminKey] = [process.env["API_URL"], process.env["API_KEY"]];
assert(url && adminKey, "API_URL and API_KEY say which API to try, and as whom");
const admin = clientOf(url, adminKey);
const run = crypto.randomUUID();

async function create(name: string): Promise<Customer> {
  const email = `${name}.${run}@example.com`;
  return answered(await admin.POST("/api/customers", { body: { name, email }, headers: { "Idempotency-Key": `"${email}"` } }));
}

async function search(q: string, continuation: string) {
  return answered(await admin.GET("/api/customers", { params: { query: { q, maxpagesize: "1", ...(continuation && { continuation }) } } }));
}

async function createReadAndList() {
  const ada = await create("ada");
  assert.equal(ada.status, "active");
  assert.ok(Date.parse(ada.trial.endsAt) > Date.parse(ada.createdAt));

  const path = { customerId: ada.id };
  assert.deepEqual(answered(await admin.GET("/api/customers/{customerId}", { params: { path } })), ada);

  // A full page may have another behind it that turns out to be empty: whoever lists goes on until there is no nextLink.
  const found: Customer[] = [];
  for (let more: string | null = ""; more !== null; ) {
    const page = await search(ada.email, more);
    found.push(...page.value);
    more = page.nextLink ? new URL(page.nextLink).searchParams.get("continuation") : null;
  }
  assert.deepEqual(found.map((customer) => customer.id), [ada.id]);
  return ada;
}

async function sendsTheWrongThing() {
  const problem = refused(await admin.POST("/api/customers", { body: { name: "", email: "no address" } }));
  assert.equal(problem.status, 400);
  assert.equal(problem.code, "invalid-request");
  assert.deepEqual(problem.errors?.map((error) => error.pointer).sort(), ["/email", "/name"]);

  // @ts-expect-error: there is no such field, which the compiler knows before the API does.
  const misspelt = { name: "Ada", email: "ada@example.com", nickname: "A" } satisfies NewCustomer;
  // @ts-expect-error: an email address is required, which the compiler knows too.
  const incomplete = { name: "Ada" } satisfies NewCustomer;
  const lacking = refused(await admin.POST("/api/customers", { body: incomplete as unknown as NewCustomer }));
  assert.deepEqual(lacking.errors?.map((error) => [error.pointer, error.code]), [["/email", "required"]]);

  const unknown = refused(await admin.POST("/api/customers", { body: misspelt }));
  assert.equal(unknown.errors?.[0]?.code, "unknown-field");
}

async function changesIt({ id, etag }: Customer) {
  const change = { params: { path: { customerId: id }, header: { "If-Match": etag } }, body: { displayName: "Countess" }, headers: { "Content-Type": "application/merge-patch+json" } };
  assert.equal(answered(await admin.PATCH("/api/customers/{customerId}", change)).displayName, "Countess");
  assert.equal(refused(await admin.PATCH("/api/customers/{customerId}", change)).code, "stale");
}

async function makesAKeyAndUsesIt(own: Customer, foreign: Customer) {
  const made = answered(await admin.POST("/api/customers/{customerId}/api-keys", { params: { path: { customerId: own.id } }, body: { name: "ci" } }));
  const holder = clientOf(url!, made.key);

  const read = answered(await holder.GET("/api/customers/{customerId}", { params: { path: { customerId: own.id } } }));
  assert.equal(read.email, own.email);

  const problem = refused(await holder.GET("/api/customers/{customerId}", { params: { path: { customerId: foreign.id } } }));
  assert.equal(problem.status, 404);
  assert.equal(problem.code, "not-found");
  assert.ok(problem.traceId);
}

const own = await createReadAndList();
await sendsTheWrongThing();
await changesIt(own);
await makesAKeyAndUsesIt(own, await create("foreign"));
console.log("The client works.");
